import type { PlannedStep } from '../plan/types.ts'
import { intend } from './change.ts'
import { consent, consents, declined } from './consent.ts'
import { Interrupted, type Place, type RunHost, type Statement } from './model/host.ts'
import { instantOf } from './model/time-taken.ts'
import type { StepEnd, Turn } from './model/turn.ts'

/** Why nothing is known of a step that nobody has spoken of. */
export const UNSAID = 'only a person can say whether it was done by hand, and nobody has'

/**
 * Has a person do a step of which nothing can be read, and asks them whether it was done: their word, under their name,
 * is all that the record has. Asked again until it was done, or somebody decides otherwise.
 */
export async function byHand(turn: Turn, host: RunHost): Promise<StepEnd> {
  const { planned } = turn
  for (let attempt = turn.tried + 1; ; attempt++) {
    const decision = await consent(planned, turn.seen, turn, host)
    if (!consents(decision)) return declined(decision)
    await intend(planned, planned, attempt, host, host.operator.name)
    const statement = await heard(planned, turn, host)
    turn.startedAt = instantOf(host.world)
    switch (statement.says) {
      case 'yes':
        return { status: 'stated', note: statement.words }
      case 'nothing':
        return { status: 'in-doubt', note: statement.why }
      case 'no':
        break
    }
  }
}

/** An intent stands in the log by now, so whoever leaves without a word leaves it in doubt. */
async function heard(planned: PlannedStep, turn: Turn, host: RunHost): Promise<Statement> {
  try {
    return await state(planned, turn, host)
  } catch (error) {
    if (error instanceof Interrupted) return { says: 'nothing', why: UNSAID }
    throw error
  }
}

/** Asks what only a person can say, and writes it down. */
export async function state(planned: PlannedStep, when: Place | 'cut-off', host: RunHost): Promise<Statement> {
  const statement = await host.operator.state(planned, when)
  if (statement.says === 'nothing') return statement
  await host.append({ type: 'step.stated', body: { step: planned.key, ...statement, by: host.operator.name } })
  return statement
}
