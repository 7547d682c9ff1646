#ifndef HISTOGRAM_H
#define HISTOGRAM_H
#include <stdint.h>

/* Microseconds with 64 steps a power of two: a quantile is right within 1.6 %. */
#define HISTOGRAM_BUCKETS (64 * 34)

struct histogram {
  uint64_t count;
  uint64_t most;
  uint32_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, int64_t micros);
void histogram_clear(struct histogram *histogram);
/* Microseconds below which the part q (0 to 1) of all lies; 0 without any. */
uint64_t histogram_quantile(const struct histogram *histogram, double q);

#endif
