/* SPDX-License-Identifier: MIT */
/* near.c - which of some names was meant. */
#include "base/near.h"

#include <stdio.h>
#include <string.h>

#define NEAR_PART 3u /* one letter in so many may be wrong */

void near_open(struct near *n, const char *text, size_t bytes)
{
    *n = (struct near){.distance = UINT32_MAX};
    if (bytes < NEAR_BYTES) {
        memcpy(n->text, text, bytes);
        n->bytes = (uint32_t)bytes;
    }
}

static uint32_t near_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Letters to change, add, leave out, or swap with the next one: the optimal string alignment distance,
 * of which three rows of the table are kept. */
static uint32_t near_distance(const char *a, uint32_t a_bytes, const char *b, uint32_t b_bytes)
{
    uint32_t rows[3][NEAR_BYTES + 1];

    for (uint32_t k = 0; k <= b_bytes; k++)
        rows[0][k] = k;
    for (uint32_t i = 1; i <= a_bytes; i++) {
        uint32_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *two_up = rows[(i + 1) % 3];

        row[0] = i;
        for (uint32_t k = 1; k <= b_bytes; k++) {
            row[k] = near_least(near_least(up[k], row[k - 1]) + 1,
                                up[k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[k] = near_least(row[k], two_up[k - 2] + 1);
        }
    }
    return rows[a_bytes % 3][b_bytes];
}

void near_try(struct near *n, const char *name, size_t bytes)
{
    uint32_t distance, longer;

    if (!n->bytes || !bytes || bytes >= NEAR_BYTES || n->tries++ >= NEAR_TRIES_MAX)
        return;
    longer = n->bytes > bytes ? n->bytes : (uint32_t)bytes;
    distance = near_distance(n->text, n->bytes, name, (uint32_t)bytes);
    /* What was begun and not finished is near, however much is missing. */
    if (n->bytes > 1 && bytes > n->bytes && memcmp(name, n->text, n->bytes) == 0)
        distance = 1;
    else if (distance >= longer || (distance > 1 && distance > longer / NEAR_PART))
        return;
    if (distance >= n->distance)
        return;
    n->distance = distance;
    memcpy(n->best, name, bytes);
    n->best[bytes] = '\0';
}

const char *near_best(const struct near *n)
{
    return n->distance == UINT32_MAX ? NULL : n->best;
}

const char *near_hint(const struct near *n, const char *otherwise, char to[NEAR_HINT_BYTES])
{
    const char *best = near_best(n);

    if (!best)
        return otherwise;
    snprintf(to, NEAR_HINT_BYTES, ": did you mean '%s'?", best);
    return to;
}
