/** What to paste into a terminal to come in with the admin key, or with any other. */
export function signInCommands(origin: string): { link: string; headless: string } {
  const as = `-H "Authorization: Bearer $(cat .testcast/admin.key)"`;
  return {
    link:
      `curl -X POST ${origin}/v1/sign-in-links \\\n  ${as} \\\n` +
      `  -H 'Content-Type: application/json' -d '{"grants": {"*": "admin"}}'`,
    headless: `curl ${as} \\\n  ${origin}/v1/projects`,
  };
}
