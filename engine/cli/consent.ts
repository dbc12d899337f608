import { protectedAmong } from '../plan/reached.ts'
import type { SavedPlan } from '../plan/types.ts'
import type { Operator } from '../run/host.ts'
import { Problem } from '../runbook/problem.ts'
import { askingOperator, heldToPlan, yesOperator } from '../terminal/operator.ts'
import type { Progress } from '../terminal/progress.ts'
import { questionsUntil } from '../terminal/questions.ts'
import { type ConsentRequest, heldToPolicy } from './consent-of-others.ts'
import type { Outside } from './outside.ts'
import type { Prepared } from './prepare.ts'
import type { Say } from './say.ts'

/** Refuses to start where nobody could be asked and nobody has consented beforehand. Throws Problem. */
export function refuseNobodyToAsk({ yes }: { yes: boolean }, { terminal }: Outside): void {
  if (yes || terminal.interactive) return
  throw new Problem(
    'there is no terminal to ask for consent',
    'run it in a terminal, or give --yes to consent to what the plan shows',
  )
}

/** Where the policy holds, nobody changes a protected environment without being asked or approved. Throws Problem. */
export function refuseUnaskedChange(
  prepared: Prepared,
  request: Pick<ConsentRequest, 'yes' | 'policy' | 'approval'>,
): void {
  const [first] = protectedAmong(prepared)
  const held = heldToPolicy(prepared, request)
  if (!held || first === undefined || !request.yes || (request.approval?.length ?? 0) > 0) return
  throw new Problem(
    `${first.name} is protected, so --yes is not enough to change it`,
    'run it in a terminal without --yes: it asks before each change; or have the plan approved, and name that with --approval FILE',
    4,
  )
}

/** Who consents: the person at the terminal or `--yes` in their place, both to no more than a saved plan where there is one. */
export function operatorFor(
  { yes, saved }: { yes: boolean; saved?: Pick<SavedPlan, 'id'> },
  progress: Progress,
  say: Say,
  outside: Outside,
): Operator {
  const operator = yes
    ? yesOperator(outside.operator)
    : askingOperator(
        outside.operator,
        outside.terminal,
        questionsUntil(outside.stopping, outside.keyboard),
        progress,
        say,
      )
  return saved ? heldToPlan(operator, saved.id) : operator
}
