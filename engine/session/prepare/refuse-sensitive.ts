import { findSecret } from '../../audit/revealed.ts'
import { UserError } from '../../base/problem.ts'
import type { Cloud } from '../host/runtime.ts'

/** Refuses data that holds a secret, before it is shown, logged or saved. Throws UserError. */
export function refuseRevealing(data: object, { redactor }: Pick<Cloud, 'redactor'>): void {
  const found = findSecret(data, redactor)
  if (found === undefined) return
  throw new UserError(
    `the value of a secret stands in the open, and nothing was changed. Which: ${found.secret}. Where: ${found.place}`,
    'take it out there (the inventory, an input, or what the runbook selects), and give the secret another value if others could read it; if the value is a name that everybody may read, say `mayBeShown: true` of the secret in the inventory',
    1,
  )
}
