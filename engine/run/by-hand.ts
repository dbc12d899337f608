import type { PlannedStep } from '../plan/types.ts'
import { intend } from './change.ts'
import { consent, consents, declined } from './consent.ts'
import { Interrupted, type RunHost, type Statement, type StepPosition } from './model/host.ts'
import type { StepEnd, StepRun } from './model/step-run.ts'
import { instantOf } from './model/time-taken.ts'

/** Why a manual step that has nothing to read is in doubt. */
export const UNSAID = 'nobody has said whether it was done by hand'

/**
 * Waits while a person does a step that has nothing to read, then asks whether it was done: their statement is all that
 * the record has. Asks again until it was done or they decide otherwise.
 */
export async function byHand(stepRun: StepRun, host: RunHost): Promise<StepEnd> {
  const { planned } = stepRun
  for (let attempt = stepRun.tried + 1; ; attempt++) {
    const decision = await consent(planned, stepRun.condition, stepRun, host)
    if (!consents(decision)) return declined(decision)
    await intend(planned, planned, attempt, host, host.operator.name)
    const statement = await heard(planned, stepRun, host)
    stepRun.startedAt = instantOf(host.world)
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

/** Asks for a statement. The intent is already in the log, so leaving without an answer leaves the step in doubt. */
async function heard(planned: PlannedStep, stepRun: StepRun, host: RunHost): Promise<Statement> {
  try {
    return await state(planned, stepRun, host)
  } catch (error) {
    if (error instanceof Interrupted) return { says: 'nothing', why: UNSAID }
    throw error
  }
}

/** Asks the operator for a statement, and logs it. */
export async function state(planned: PlannedStep, when: StepPosition | 'cut-off', host: RunHost): Promise<Statement> {
  const statement = await host.operator.state(planned, when)
  if (statement.says === 'nothing') return statement
  await host.append({ type: 'step.stated', body: { step: planned.key, ...statement, by: host.operator.name } })
  return statement
}
