#include "histogram.h"
#include <string.h>

static unsigned bucket_of(uint64_t micros) {
  if (micros < 64) return (unsigned)micros;
  unsigned power = 63 - (unsigned)__builtin_clzll(micros);
  unsigned bucket = (power - 5) * 64 + (unsigned)((micros >> (power - 6)) & 63);
  return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t micros_of(unsigned bucket) {
  if (bucket < 64) return bucket;
  unsigned power = bucket / 64 + 5;
  return (1ull << power) + (((uint64_t)(bucket & 63) + 1) << (power - 6)) - 1;
}

void histogram_add(struct histogram *histogram, int64_t micros) {
  /* Clocks of two processes are the same one; a negative time would be an error of reading the stamp. */
  uint64_t value = micros < 0 ? 0 : (uint64_t)micros;
  histogram->count += 1;
  if (value > histogram->most) histogram->most = value;
  histogram->buckets[bucket_of(value)] += 1;
}

void histogram_clear(struct histogram *histogram) { memset(histogram, 0, sizeof *histogram); }

uint64_t histogram_quantile(const struct histogram *histogram, double q) {
  if (histogram->count == 0) return 0;
  uint64_t wanted = (uint64_t)(q * (double)histogram->count);
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    seen += histogram->buckets[bucket];
    if (seen > wanted) return micros_of(bucket) < histogram->most ? micros_of(bucket) : histogram->most;
  }
  return histogram->most;
}
