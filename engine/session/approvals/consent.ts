import { UserError } from '../../base/problem.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { Operator } from '../../run/model/host.ts'
import { askingOperator, heldToPlan, yesOperator } from '../../terminal/operator.ts'
import { questionsAt } from '../../terminal/questions.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import { type Prepared, siteOfPrepared } from '../prepare/prepare.ts'

/** Refuses to start if nobody can be asked and nobody has consented beforehand. Throws UserError. */
export function refuseNobodyToAsk({ yes }: { yes: boolean }, { terminal }: Runtime): void {
  if (yes || terminal.interactive) return
  throw new UserError(
    'no terminal to ask for consent',
    'run it in a terminal, or add --yes to consent to what the plan shows',
  )
}

/** Returns who consents: the person at the terminal, or `--yes` in their place; with a saved plan, to no more than that plan. */
export function operatorFor(
  { yes, saved }: { yes: boolean; saved?: Pick<SavedPlan, 'id'> },
  { environment, cloud }: Pick<Prepared, 'environment' | 'cloud'>,
  print: Print,
  runtime: Runtime,
): Operator {
  const operator = yes
    ? yesOperator(runtime.operator)
    : askingOperator(
        runtime.operator,
        {
          environment,
          site: siteOfPrepared({ environment, cloud }),
          ...(cloud.address === undefined ? {} : { shell: `breakglass sandbox ${cloud.address} -- bash` }),
        },
        runtime.terminal,
        (site) => questionsAt(runtime, site),
        print,
      )
  return saved ? heldToPlan(operator, saved.id) : operator
}
