import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { type Session, TestcastHttp } from '@testcast/client';

/** Calls that need no connection: signing in, and asking who is signed in. */
export const http = new TestcastHttp();

export const sessionKey = ['session'] as const;

/** Who is signed in; an error `auth.…` where nobody is. */
export function useSession(): UseQueryResult<Session> {
  return useQuery({ queryKey: sessionKey, queryFn: ({ signal }) => http.session({ signal }), staleTime: 60_000 });
}

/** Whether the grants make somebody admin of anything. */
export function isAdmin({ grants }: Session): boolean {
  return Object.values(grants).includes('admin');
}

export function isAdminOf({ grants }: Session, projectId: string): boolean {
  return grants[projectId] === 'admin' || grants['*'] === 'admin';
}
