export const keyPlaceholder = '<key>';

/** What to paste into a terminal to send a first report. */
export function commandsFor({
  origin,
  projectId,
  key = keyPlaceholder,
}: {
  origin: string;
  projectId: string;
  key?: string | undefined;
}): { setUp: string; upload: string; curl: string } {
  return {
    setUp: `export TESTCAST_URL=${origin}\nexport TESTCAST_TOKEN='${key}'`,
    upload: `npx testcast upload junit.xml --project ${projectId} --finish`,
    curl:
      `curl -H "Authorization: Bearer $TESTCAST_TOKEN" --data-binary @junit.xml \\\n` +
      `  "$TESTCAST_URL/v1/projects/${projectId}/runs/first/reports?finish=true"`,
  };
}

/** Without a key: the command finds the one of a server that was started in its folder. */
export function firstUpload(origin: string): string {
  const upload = 'npx testcast upload junit.xml --project my-project --finish';
  return /^http:\/\/(127\.0\.0\.1|localhost):4000$/.test(origin) ? upload : `${upload} \\\n  --url ${origin}`;
}
