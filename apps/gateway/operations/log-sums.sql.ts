/** How the log is spread over its partitions. */
export const readLogSums = `
  select count(*)::int as partitions, sum(slots)::int as slots, max(slots)::int as "mostSlots",
    sum(moving)::int as "movingSlots", sum(events)::float8 as events
  from (
    select count(*) as slots, count(moving_from) as moving, sum(position) as events from slots group by partition_id
  ) as partition`;
