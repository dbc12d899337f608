import { Problem } from '../../base/problem.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { Operator } from '../../run/model/host.ts'
import { askingOperator, heldToPlan, yesOperator } from '../../terminal/operator.ts'
import type { Progress } from '../../terminal/progress.ts'
import { questionsAt } from '../../terminal/questions.ts'
import type { Say } from '../host/output.ts'
import type { Outside } from '../host/runtime.ts'
import { type Prepared, siteOfPrepared } from '../prepare/prepare.ts'

/** Refuses to start where nobody could be asked and nobody has consented beforehand. Throws Problem. */
export function refuseNobodyToAsk({ yes }: { yes: boolean }, { terminal }: Outside): void {
  if (yes || terminal.interactive) return
  throw new Problem(
    'there is no terminal to ask for consent',
    'run it in a terminal, or give --yes to consent to what the plan shows',
  )
}

/** Who consents: the person at the terminal or `--yes` in their place, both to no more than a saved plan where there is one. */
export function operatorFor(
  { yes, saved }: { yes: boolean; saved?: Pick<SavedPlan, 'id'> },
  { environment, cloud }: Pick<Prepared, 'environment' | 'cloud'>,
  progress: Progress,
  say: Say,
  outside: Outside,
): Operator {
  const operator = yes
    ? yesOperator(outside.operator)
    : askingOperator(
        outside.operator,
        {
          environment,
          site: siteOfPrepared({ environment, cloud }),
          ...(cloud.address === undefined ? {} : { shell: `breakglass sandbox ${cloud.address} -- bash` }),
        },
        outside.terminal,
        (site) => questionsAt(outside, site),
        progress,
        say,
      )
  return saved ? heldToPlan(operator, saved.id) : operator
}
