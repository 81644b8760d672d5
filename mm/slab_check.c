/*
 * What check builds know of each object: is it free, was it written where or when it must not be?
 *
 *      object  |  its bytes                         | red zone
 *     ---------+------------------------------------+-----------
 *      free    |  POISON_OBJECT (or as constructed) | RED_FREE
 *      in use  |  its user's, POISON_NEW at first   | RED_USED
 */
#include "kernel/report.h"
#include "lib/string.h"
#include "mm/poison.h"
#include "mm/slab_cache.h"

static u8 *red_zone(const struct kmem_cache *cache, const void *object)
{
    return (u8 *)object + cache->object_bytes;
}

static size_t red_bytes(const struct kmem_cache *cache)
{
    return cache->link_offset - cache->object_bytes;
}

static void make_free(const struct kmem_cache *cache, void *object)
{
    if (!cache->ctor)
        memset(object, POISON_OBJECT, cache->object_bytes);
    memset(red_zone(cache, object), RED_FREE, red_bytes(cache));
}

void slab_check_new(const struct kmem_cache *cache, void *object) { make_free(cache, object); }

bool slab_check_free(const struct kmem_cache *cache, const void *object)
{
    const u8 *damage = NULL;

    if (!cache->ctor)
        damage = poison_find_damage(object, POISON_OBJECT, cache->object_bytes);
    if (!damage)
        damage = poison_find_damage(red_zone(cache, object), RED_FREE, red_bytes(cache));
    if (damage)
        report("object %p of cache %s was written to while it was free: byte %ld is %#x", object,
               cache->name, (long)(damage - (const u8 *)object), *damage);
    return !damage;
}

void slab_check_taken(const struct kmem_cache *cache, void *object)
{
    (void)slab_check_free(cache, object);
    if (!cache->ctor)
        memset(object, POISON_NEW, cache->object_bytes);
    memset(red_zone(cache, object), RED_USED, red_bytes(cache));
}

bool slab_check_given(const struct kmem_cache *cache, void *object)
{
    const u8 *red = red_zone(cache, object);
    const u8 *damage = poison_find_damage(red, RED_USED, red_bytes(cache));

    if (!damage) {
        make_free(cache, object);
        return true;
    }
    if (!poison_find_damage(red, RED_FREE, red_bytes(cache)))
        report("object %p of cache %s is freed twice", object, cache->name);
    else
        report("object %p of cache %s was written to behind its end: byte %ld is %#x", object,
               cache->name, (long)(damage - (const u8 *)object), *damage);
    return false;
}
