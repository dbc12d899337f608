import type { Root } from 'mdast'
import { code, heading, item, list, paragraph, plain, sentence } from '../../record/mdast.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import type { Runbook } from '../../runbook/types.ts'

/** The gates of each promotion as a tree: the workspace's runbooks that only observe, as they are checked before and after it. */
export function promotionGatesTree({ environments }: Inventory, runbooks: Runbook[]): Root {
  const gates = runbooks.filter(({ steps }) => steps.length === 0)
  return {
    type: 'root',
    children: [
      heading(1, 'Promotion gates'),
      paragraph(
        plain(
          'A release goes on when all of these pass. Each is checked by a machine; a difference that is known is listed in the inventory, with the day until which it is.',
        ),
      ),
      ...Object.values(environments).flatMap(({ name, promotesFrom }) =>
        promotesFrom === undefined
          ? []
          : [
              heading(2, `From ${promotesFrom} to ${name}`),
              list(
                false,
                gates.map((gate) =>
                  item(
                    [...sentence(gate.title, []), plain(': exits 0')],
                    list(false, [
                      item([code(`breakglass check ${gate.name} --env ${promotesFrom},${name}${inputsOf(gate)}`)]),
                      item(sentence(gate.description, [])),
                    ]),
                  ),
                ),
              ),
            ],
      ),
    ],
  }
}

/** The inputs without a default, which whoever checks must give. */
const inputsOf = ({ inputs }: Runbook): string =>
  Object.entries(inputs)
    .filter(([, schema]) => schema.default === undefined)
    .map(([name]) => ` --input ${name}=…`)
    .join('')
