import { findSecret } from '../../audit/find-secret.ts'
import { UserError } from '../../base/problem.ts'
import type { Cloud } from '../host/runtime.ts'

/** Refuses data that contains a secret, before it is shown, logged or saved. Throws UserError. */
export function refuseSensitive(data: object, { redactor }: Pick<Cloud, 'redactor'>): void {
  const found = findSecret(data, redactor)
  if (found === undefined) return
  throw new UserError(
    `plaintext secret found at ${found.place} (${found.secret}); nothing was changed`,
    'remove it there (the inventory, an input, or what the runbook selects), and rotate the secret if others could read it; if everybody may read the value, set `mayBeShown: true` for the secret in the inventory',
    1,
  )
}
