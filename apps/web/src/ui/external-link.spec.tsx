import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { ExternalLink } from './external-link.tsx';

const rendered = (to: string | undefined) => renderToStaticMarkup(<ExternalLink to={to}>job</ExternalLink>);

it.each(['https://ci.example/jobs/1', 'http://localhost:8080/', 'HTTPS://CI.EXAMPLE/'])('links to %s', (to) => {
  expect(rendered(to)).toBe(`<a href="${to}">job</a>`);
});

it.each([
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  'javascript://https://ci.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  '//elsewhere.example',
  '/v1/sign-out',
  'https://',
  undefined,
])('shows only the text for %j', (to) => {
  expect(rendered(to)).toBe('job');
});
