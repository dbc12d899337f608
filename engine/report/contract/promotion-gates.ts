import type { Root } from 'mdast'
import { code, heading, item, list, paragraph, plain, sentence } from '../../record/mdast.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import type { Runbook } from '../../runbook/types.ts'

/** Builds the gates of each promotion as a tree: the workspace's read-only runbooks, as they are checked before and after it. */
export function promotionGatesTree({ environments }: Inventory, runbooks: Runbook[]): Root {
  const gates = runbooks.filter(({ steps }) => steps.length === 0)
  return {
    type: 'root',
    children: [
      heading(1, 'Promotion gates'),
      paragraph(
        plain(
          'A release proceeds when all of these pass. Each is checked by a machine; known differences are listed in the inventory with an expiry date.',
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

/** Returns the required inputs, which whoever checks must give. */
const inputsOf = ({ inputs }: Runbook): string =>
  Object.entries(inputs)
    .filter(([, schema]) => schema.default === undefined)
    .map(([name]) => ` --input ${name}=…`)
    .join('')
