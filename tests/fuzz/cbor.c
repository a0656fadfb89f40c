/* SPDX-License-Identifier: MIT */
/* cbor.c - metadata that is changed item by item, so that it stays CBOR. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mutate.h"

#define CBOR_ITEMS_MAX 4096u

struct cbor_place {
    size_t at, head, bytes; /* bytes: of a text, and the head */
    uint8_t major;
    uint64_t value;
};

/* Heads, one after the other: what is in a container follows its head. */
static uint32_t cbor_find(const uint8_t *p, size_t n, struct cbor_place *items)
{
    uint32_t count = 0;

    for (size_t at = 0; at < n && count < CBOR_ITEMS_MAX;) {
        struct cbor_place *i = &items[count++];
        uint8_t low = p[at] & 31;

        *i = (struct cbor_place){at, 1, 1, p[at] >> 5, low};
        if (low >= 24 && low < 28) {
            size_t more = (size_t)1 << (low - 24);

            i->head += more;
            if (i->head > n - at)
                return count - 1;
            i->value = 0;
            for (size_t k = 1; k <= more; k++)
                i->value = i->value << 8 | p[at + k];
        }
        i->bytes = i->head;
        if ((i->major == 2 || i->major == 3) && i->value <= n - at - i->head)
            i->bytes += i->value;
        at += i->bytes;
    }
    return count;
}

/* Index behind item i with all that is in it. */
static uint32_t cbor_behind(const struct cbor_place *items, uint32_t count, uint32_t i)
{
    uint64_t todo = 1;

    for (; todo && i < count; i++) {
        todo--;
        if (items[i].major == 4)
            todo += items[i].value;
        else if (items[i].major == 5)
            todo += 2 * items[i].value;
        else if (items[i].major == 6)
            todo++;
    }
    return i;
}

static size_t cbor_head(uint8_t *to, uint8_t major, uint64_t v)
{
    size_t more = v < 24 ? 0 : v < 256 ? 1 : v < 65536 ? 2 : v <= UINT32_MAX ? 4 : 8;

    to[0] = (uint8_t)(major << 5 | (v < 24 ? v : more == 1 ? 24 : more == 2 ? 25 : more == 4 ? 26 : 27));
    for (size_t i = 0; i < more; i++)
        to[1 + i] = (uint8_t)(v >> 8 * (more - 1 - i));
    return 1 + more;
}

static bool cbor_replace(uint8_t *p, size_t *n, size_t max, size_t at, size_t was, const uint8_t *with, size_t with_n)
{
    if (*n - was + with_n > max)
        return false;
    memmove(p + at + with_n, p + at + was, *n - at - was);
    memcpy(p + at, with, with_n);
    *n = *n - was + with_n;
    return true;
}

static uint64_t cbor_value(uint64_t was)
{
    static const uint64_t edges[] = {0, 1, 2, 3, 4, 8, 15, 16, 17, 23, 24, 127, 128, 255, 256, 1023, 4096, 32000,
                                     32001, 65279, 65280, 65535, 65536, UINT32_MAX, 1ull << 32, 1ull << 63, UINT64_MAX};

    return mutate_random(3) ? edges[mutate_random(sizeof(edges) / sizeof(edges[0]))] : was + mutate_random(5) - 2;
}

/* Words of doc/format.md section 5, and pieces of formats. */
static size_t cbor_word(uint8_t *to)
{
    static const char *const words[] = {
        "tool", "clock", "hz", "name", "cpus", "buffer", "mode", "discard", "overwrite", "subbuf_bytes", "subbufs",
        "tables", "values", "kind", "enum", "flags", "events", "id", "sys", "fmt", "bytes", "fields", "type", "at", "size",
        "count", "table", "max", "crc", "role", "image", "base", "build_id", "machine", "host", "pair", "u8", "u16",
        "u32", "u64", "s8", "s16", "s32", "s64", "bool", "char", "ptr", "str", "f32", "f64", "%s", "%d", "%4096d",
        "%-4096s|", "%.4096u", "%4097u", "%#010llx", "%p", "%c", "%x", "%%", "%n", "%*d", "%+ 5.3d", "%e", "%A", "a\x1b[31m",
        "\xe2\x80\xae", "\xff\xfe", "", "is", "switch", "begin"};
    const char *word = words[mutate_random(sizeof(words) / sizeof(words[0]))];

    memcpy(to, word, strlen(word));
    return strlen(word);
}

static void cbor_text(uint8_t *p, size_t *n, size_t max, const struct cbor_place *i)
{
    uint8_t with[300], word[256];
    size_t head, bytes = 0;

    for (uint32_t turns = 1 + (mutate_random(3) ? 0 : mutate_random(4)); turns--;)
        bytes += cbor_word(word + bytes);
    head = cbor_head(with, i->major, bytes);
    memcpy(with + head, word, bytes);
    (void)cbor_replace(p, n, max, i->at, i->bytes, with, head + bytes);
}

static void cbor_number(uint8_t *p, size_t *n, size_t max, const struct cbor_place *i)
{
    uint8_t with[9];
    size_t head = cbor_head(with, mutate_random(8) ? i->major : (uint8_t)mutate_random(8), cbor_value(i->value));

    (void)cbor_replace(p, n, max, i->at, i->head, with, head);
}

/* An entry of a container twice, or gone, with its count. */
static void cbor_entries(uint8_t *p, size_t *n, size_t max, const struct cbor_place *items, uint32_t count, uint32_t i)
{
    uint32_t each = items[i].major == 5 ? 2 : 1, first = i + 1, last;
    uint8_t with[9], *copy;
    size_t from, bytes, head;
    bool more = mutate_random(2);

    if (!items[i].value || items[i].value > count)
        return;
    for (uint32_t skip = mutate_random((uint32_t)items[i].value) * each; skip-- && first < count;)
        first = cbor_behind(items, count, first);
    last = first;
    for (uint32_t k = 0; k < each && last < count; k++)
        last = cbor_behind(items, count, last);
    if (first >= count)
        return;
    from = items[first].at;
    bytes = (last < count ? items[last].at : *n) - from;
    if (more) {
        copy = malloc(bytes + 1);
        fuzz_require(copy, "no memory");
        memcpy(copy, p + from, bytes);
        more = cbor_replace(p, n, max, from, 0, copy, bytes);
        free(copy);
        if (!more)
            return;
    } else {
        (void)cbor_replace(p, n, max, from, bytes, with, 0);
    }
    head = cbor_head(with, items[i].major, more ? items[i].value + 1 : items[i].value - 1);
    (void)cbor_replace(p, n, max, items[i].at, items[i].head, with, head);
}

size_t mutate_cbor(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static struct cbor_place items[CBOR_ITEMS_MAX];

    mutate_seed(seed);
    for (uint32_t turns = 1 + mutate_random(4); turns--;) {
        uint32_t count = cbor_find(data, size, items), i = mutate_random(count);

        if (!count || !mutate_random(24))
            size = LLVMFuzzerMutate(data, size, max);
        else if (items[i].major >= 6)
            cbor_number(data, &size, max, &items[i]);
        else if (items[i].major >= 4 && mutate_random(8))
            cbor_entries(data, &size, max, items, count, i);
        else if (items[i].major >= 2 && items[i].major < 4 && mutate_random(8))
            cbor_text(data, &size, max, &items[i]);
        else
            cbor_number(data, &size, max, &items[i]);
    }
    return size;
}
