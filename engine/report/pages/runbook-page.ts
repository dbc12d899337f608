import type { ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { code, heading, item, list, paragraph, plain, sentence } from '../../record/mdast.ts'
import { resolveInput } from '../../runbook/expressions/scope.ts'
import type { Runbook, StepTemplate } from '../../runbook/types.ts'
import { type Fact, factsOf } from './step-facts.ts'

/** Builds a runbook's page: its purpose, its inputs, its steps with their commands and undos, and how to call it. */
export const runbookTree = (runbook: Runbook): Root => ({
  type: 'root',
  children: [
    heading(1, runbook.title),
    paragraph(...sentence(runbook.description, [])),
    paragraph(plain('Name '), code(runbook.name), plain(`, risk ${runbook.risk}.`)),
    ...part(
      'Inputs',
      Object.entries(runbook.inputs).map(([name, schema]) => inputItem(name, resolveInput(schema, runbook))),
    ),
    ...stepsPart('Steps', runbook.steps),
    ...stepsPart('Checks at the end', runbook.verify),
    ...part(
      'What the repository must say',
      runbook.backfill.map(({ file, points }) =>
        item(
          [code(file)],
          list(
            false,
            points.map(({ says }) => item(sentence(says, []))),
          ),
        ),
      ),
    ),
    heading(2, 'Commands'),
    { type: 'code', lang: 'sh', value: lookingCommands(runbook).join('\n') },
    ...(runbook.steps.length > 0 ? runCommand(runbook) : []),
  ],
})

const part = (title: string, items: ListItem[]): RootContent[] =>
  items.length === 0 ? [] : [heading(2, title), list(false, items)]

function inputItem(name: string, schema: JsonObject): ListItem {
  const description = textIn(schema.description) ?? textIn(schema.title)
  const choices = schema.enum ?? (isJsonObject(schema.items) ? schema.items.enum : undefined)
  const more: ListItem[] = [
    ...(schema.type === undefined ? [] : [item([plain(typeWords(schema))])]),
    ...(choices === undefined ? [] : [item([plain('choices: '), code(textOf(choices))])]),
    schema.default === undefined ? item([plain('required')]) : item([plain('default: '), code(textOf(schema.default))]),
  ]
  return item(
    [code(name), ...(description === undefined ? [] : [plain(': '), ...sentence(description, [])])],
    list(false, more),
  )
}

const typeWords = ({ type, items }: JsonObject): string => {
  const kind = typeof type === 'string' ? type : textOf(type ?? 'value')
  return kind === 'array' && isJsonObject(items) && typeof items.type === 'string' ? `array of ${items.type}` : kind
}

function stepsPart(title: string, steps: StepTemplate[]): RootContent[] {
  if (steps.length === 0) return []
  const items = steps.map((step) =>
    item(
      [code(step.id), plain(': '), ...sentence(step.title, [])],
      list(false, [
        ...(step.description === undefined ? [] : [item(sentence(step.description, []))]),
        ...factsOf(step).map((fact) => item(factWords(fact))),
      ]),
    ),
  )
  return [heading(2, title), list(true, items)]
}

const factWords = ({ says, code: shown }: Fact): PhrasingContent[] =>
  shown === undefined ? sentence(says, []) : [...sentence(`${says}`, []), plain(' '), code(shown)]

/** Returns calls that change nothing; the reader sets ENVIRONMENT and the required inputs. */
const lookingCommands = (runbook: Runbook): string[] => [
  `breakglass check ${callOf(runbook)}`,
  `breakglass plan ${callOf(runbook)}`,
]

const runCommand = (runbook: Runbook): RootContent[] => [
  paragraph(plain('To run it, with a question before each change:')),
  { type: 'html', value: '<!-- not run: it asks before each change -->' },
  { type: 'code', lang: 'sh', value: `breakglass run ${callOf(runbook)} --incident "$INCIDENT" --reason "$REASON"` },
]

const callOf = ({ name, inputs }: Runbook): string =>
  [
    name,
    '--env "$ENVIRONMENT"',
    ...Object.entries(inputs).flatMap(([input, schema]) =>
      schema.default === undefined ? [`--input ${input}="$${input}"`] : [],
    ),
  ].join(' ')

const textIn = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
const textOf = (value: Json): string => (typeof value === 'string' && value !== '' ? value : JSON.stringify(value))
