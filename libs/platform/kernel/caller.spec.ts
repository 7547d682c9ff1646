import { describe, expect, it } from 'vitest';
import { requireRole } from './authenticator.ts';
import { type Caller, holds } from './caller.ts';

const callerWith = (grants: Caller['grants']): Caller => ({ subject: 'someone', grants });

describe('what a caller may do', () => {
  it.each<[Caller['grants'], 'read' | 'write' | 'admin', string, boolean]>([
    [{}, 'read', 'shop', false],
    [{ shop: 'read' }, 'read', 'shop', true],
    [{ shop: 'read' }, 'write', 'shop', false],
    [{ shop: 'write' }, 'read', 'shop', true],
    [{ shop: 'admin' }, 'write', 'shop', true],
    [{ shop: 'admin' }, 'read', 'bank', false],
    [{ shop: 'admin' }, 'read', '*', false],
    [{ '*': 'read' }, 'read', 'shop', true],
    [{ '*': 'read' }, 'write', 'shop', false],
    [{ '*': 'read', shop: 'write' }, 'write', 'shop', true],
    [{ '*': 'admin', shop: 'read' }, 'admin', 'shop', true],
    [{ '*': 'admin' }, 'admin', '*', true],
    // Names of what every object inherits are no grants.
    [{}, 'read', 'constructor', false],
  ])('with %j, %s on %s: %s', (grants, role, projectId, expected) => {
    expect(holds(callerWith(grants), role, projectId)).toBe(expected);
  });

  it('says what would have been needed', () => {
    expect(() => requireRole(callerWith({ shop: 'read' }), 'write', 'shop')).toThrowError(
      expect.objectContaining({ code: 'auth.forbidden', details: { needs: { shop: 'write' } } }),
    );
  });
});
