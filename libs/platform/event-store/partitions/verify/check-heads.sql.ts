export interface UnevenSlot {
  readonly slot: number;
  readonly head: string;
  readonly versions: string;
}

/** Every event moves its slot and its stream by one, so a slot's head is the sum of its streams' versions. */
export const findUnevenSlots = `
select s.slot, s.position as head, coalesce(sum(st.version), 0) as versions
from slots s left join streams st on st.slot = s.slot
group by s.slot, s.position
having s.position <> coalesce(sum(st.version), 0)
order by s.slot`;
