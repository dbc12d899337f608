import { state } from './by-hand.ts'
import type { RunHost } from './model/host.ts'
import type { StepEnd, StepRun } from './model/step-run.ts'
import { instantOf } from './model/time-taken.ts'

/** Asks a step's question. If it isn't approved, the run ends before any later step changes anything. */
export async function ask(stepRun: StepRun, host: RunHost): Promise<StepEnd> {
  const { planned } = stepRun
  const statement = await state(planned, stepRun, host)
  stepRun.startedAt = instantOf(host.world)
  switch (statement.says) {
    case 'yes':
      return { status: 'approved', note: statement.words }
    case 'no':
      return { status: 'aborted', note: `${planned.title}: not approved (${statement.words})` }
    case 'nothing':
      return { status: 'aborted', note: `${planned.title}: ${statement.why}` }
  }
}
