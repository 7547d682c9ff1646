/** Waits for work, and no longer than so many milliseconds; it goes on then, and what becomes of it is nobody's concern. */
export async function within(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work().catch(() => undefined), late]);
  clearTimeout(timer);
}
