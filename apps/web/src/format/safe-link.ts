/** The URL where it is one of http or https. Any other scheme, such as `javascript:`, would run in this page. */
export function safeLink(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
