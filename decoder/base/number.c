/* SPDX-License-Identifier: MIT */
/* number.c - numbers in answers: seconds, rates, columns. */
#include "base/number.h"

#define NUMBER_THOUSAND 1000u
#define NUMBER_MILLION 1000000u
#define NUMBER_BILLION 1000000000u

void number_put_u64(char *to, uint64_t v)
{
    *out_put_u64(to, v) = '\0';
}

void number_put_seconds(char *to, uint64_t ns)
{
    to = out_put_u64(to, ns / NUMBER_BILLION);
    *to++ = '.';
    *out_put_six(to, (uint32_t)(ns % NUMBER_BILLION / NUMBER_THOUSAND)) = '\0';
}

static void number_put_parts(char *to, uint64_t whole, uint32_t thousandths)
{
    char six[6];

    to = out_put_u64(to, whole);
    *to++ = '.';
    out_put_six(six, thousandths);
    memcpy(to, six + 3, 3);
    to[3] = '\0';
}

static void number_put_thousandths(char *to, uint64_t v)
{
    number_put_parts(to, v / NUMBER_THOUSAND, (uint32_t)(v % NUMBER_THOUSAND));
}

void number_put_micros(char *to, uint64_t ns)
{
    number_put_thousandths(to, ns);
}

void number_put_mean(char *to, __int128 sum, uint64_t count)
{
    unsigned __int128 all = sum < 0 ? 0 - (unsigned __int128)sum : (unsigned __int128)sum;

    if (sum < 0)
        *to++ = '-';
    number_put_parts(to, (uint64_t)(all / count),
                     (uint32_t)(all % count * NUMBER_THOUSAND / count));
}

uint64_t number_rate(uint64_t count, uint64_t span_ns)
{
    unsigned __int128 rate = (unsigned __int128)count * NUMBER_BILLION * NUMBER_THOUSAND;

    rate = span_ns ? rate / span_ns : 0;
    return rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate;
}

void number_put_rate(char *to, uint64_t count, uint64_t span_ns, const char *none)
{
    if (span_ns)
        number_put_thousandths(to, number_rate(count, span_ns));
    else
        memcpy(to, none, strlen(none) + 1);
}

void number_text_rate(char *to, uint64_t count, uint64_t span_ns)
{
    uint64_t rate = number_rate(count, span_ns) / NUMBER_THOUSAND;

    if (rate < NUMBER_THOUSAND)
        number_put_rate(to, count, span_ns, "-");
    else
        number_put_u64(to, rate);
}

void number_put(char *to, __int128 v)
{
    if (v < 0)
        *to++ = '-';
    number_put_u64(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void number_print(struct out *o, __int128 v)
{
    char text[NUMBER_BYTES];

    number_put(text, v);
    out_text(o, text);
}

void number_column(struct out *o, const char *text, unsigned width)
{
    size_t n = strlen(text);

    out_pad(o, ' ', n < width ? width - n : 1);
    out_bytes(o, text, n);
}

void number_column_u64(struct out *o, uint64_t v, unsigned width)
{
    char text[NUMBER_BYTES];

    number_put_u64(text, v);
    number_column(o, text, width);
}

void number_json(struct out *o, const char *name, uint64_t v)
{
    char text[NUMBER_BYTES];

    number_put_u64(text, v);
    number_json_text(o, name, text);
}

void number_json_text(struct out *o, const char *name, const char *number)
{
    out_text(o, ",\"");
    out_text(o, name);
    out_text(o, "\":");
    out_text(o, number);
}

void number_bar(struct out *o, uint64_t count, uint64_t most, unsigned width)
{
    if (most)
        out_pad(o, '#', (size_t)(((unsigned __int128)count * width + most - 1) / most));
}
