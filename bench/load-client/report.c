/* One line of JSON: what was counted since the last `mark`. Latencies in microseconds. */
#include "load.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_histogram(const char *name, const struct histogram *histogram) {
  printf(",\"%s\":{\"count\":%llu,\"p50\":%llu,\"p95\":%llu,\"p99\":%llu,\"p999\":%llu,\"max\":%llu}", name,
    (unsigned long long)histogram->count, (unsigned long long)histogram_quantile(histogram, 0.5),
    (unsigned long long)histogram_quantile(histogram, 0.95), (unsigned long long)histogram_quantile(histogram, 0.99),
    (unsigned long long)histogram_quantile(histogram, 0.999), (unsigned long long)histogram->most);
}

void report_clear(void) {
  memset(&counters, 0, sizeof counters);
  counters.began_us = now_us();
  counters.began_cpu = cpu_seconds();
}

void report_print(const char *name) {
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {
    {"frames", counters.frames},         {"events", counters.events},       {"bytes", counters.bytes},
    {"reads", counters.reads},           {"missing", counters.missing},     {"repeated", counters.repeated},
    {"overlapping", counters.overlapping}, {"replayed", counters.replayed}, {"reconnects", counters.reconnects},
    {"lost", counters.lost},             {"cut", counters.cut},             {"moved", counters.moved},
    {"refused", counters.refused},       {"errors", counters.errors},       {"resets", counters.resets},
  };
  /* Who has not what another of its room has seen: at the end of a run nobody may be behind. */
  uint64_t behind = 0, behind_events = 0;
  for (int i = 0; i < settings.sockets; i++) {
    int64_t lacks = room_heads[members[i].room] - members[i].last;
    if (members[i].last < 0 || lacks <= 0) continue;
    behind += 1;
    behind_events += (uint64_t)lacks;
  }
  printf("{\"report\":\"%s\",\"us\":%lld,\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"ready\":%d,\"behind\":%llu,\"behindEvents\":%llu",
    name, (long long)now_us(), (double)(now_us() - counters.began_us) / 1e6, cpu_seconds() - counters.began_cpu,
    ready_count, (unsigned long long)behind, (unsigned long long)behind_events);
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    printf(",\"%s\":%llu", counts[i].name, (unsigned long long)counts[i].value);
  print_histogram("latency", &counters.latency);
  print_histogram("replay", &counters.replay);
  print_histogram("upgraded", &counters.upgraded);
  print_histogram("joined", &counters.joined);
  print_histogram("away", &counters.away);
  /* Whoever reads the report may read the arrivals as well. */
  if (settings.arrivals) fflush(settings.arrivals);
  printf("}\n");
}
