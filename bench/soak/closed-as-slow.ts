import { closeCodes } from '@testcast/contracts';

/** Connections that a gateway has closed because they read too slowly, since it began. */
export async function closedAsSlow(httpUrl: string): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(
    new RegExp(`^websocket_closed_total\\{[^}]*code="${closeCodes.tooSlow}"[^}]*\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
  );
}
