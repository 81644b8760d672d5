/*
 * What the kernel says it is.  The release is that of the Linux whose interface programs find
 * here: C libraries compare it with the oldest they can work with.
 */
#ifndef KERNEL_UNAME_H
#define KERNEL_UNAME_H

#include "gen/config.h"

#define UNAME_SYSTEM  "Linux"
#define UNAME_NODE    "quire"  /* until sethostname(2) */
#define UNAME_DOMAIN  "(none)" /* until setdomainname(2) */
#define UNAME_RELEASE "6.1.0-quire"
#define UNAME_VERSION "Quire " CONFIG_VERSION

#endif
