import type { Json } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { printable } from '../../base/printable.ts'
import { INCIDENT } from '../../disk/logs/incident-folder.ts'
import { runbookFiles, type Workspace } from '../../disk/workspace.ts'
import { inventoryVariables } from '../../plan/bind.ts'
import type { GivenInputs } from '../../plan/given-inputs.ts'
import { type InputPrompt, inputPrompts, showInput } from '../../plan/input-prompts.ts'
import { pickEnvironment } from '../../plan/pick-environment.ts'
import { fitsOwnWords } from '../../run/free-text.ts'
import { changesSomething } from '../../runbook/changes-something.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import { readRunbook } from '../../runbook/read-runbook.ts'
import type { Runbook } from '../../runbook/types.ts'
import { answerTo, type Check, type Questions } from '../../terminal/questions.ts'
import type { Site } from '../../terminal/site.ts'
import { cloudOf, inventoryOf } from '../host/choose-cloud.ts'
import { InvalidFiles, load, loadInventory, loadRunbooks } from '../host/load.ts'
import type { Print } from '../host/output.ts'
import type { CloudChoice, Runtime } from '../host/runtime.ts'

/** What the command line says about a run. */
export type Said = {
  runbooks: string[]
  env?: string
  incident?: string
  reason?: string
  input: GivenInputs
  inventory?: string
}

/** The same, complete. */
export type Asked = Required<Omit<Said, 'inventory'>>

/** Asks the person for everything that the command line leaves out. Throws Interrupted, InvalidFiles, UserError. */
export async function askRequest(
  said: Said,
  choice: CloudChoice,
  workspace: Workspace,
  questionsIn: (site: Site) => Questions,
  print: Print,
  runtime: Runtime,
): Promise<Asked> {
  const inventory = (await loadInventory(said.inventory, await inventoryOf(choice), workspace, runtime.cwd)).value
  const cloud = await cloudOf(choice)
  const anywhere = questionsIn({ cloud })
  const runbooks = said.runbooks.length > 0 ? said.runbooks : await askRunbooks(workspace, anywhere, runtime)
  const env = said.env ?? (await askEnvironment(inventory, anywhere))
  const questions = questionsIn({ cloud, project: pickEnvironment(inventory, env).project })
  const loaded = (await loadRunbooks(runbooks, workspace, runtime.cwd)).map(({ value }) => value)
  const input = await askInputs(loaded, inventory, env, said, questions, print)
  return { runbooks, env, input, ...(await askWords(said, questions)) }
}

/** Asks for the incident and the reason, if the command line leaves them out. */
export async function askWords(
  said: Pick<Said, 'incident' | 'reason'>,
  questions: Questions,
): Promise<Pick<Asked, 'incident' | 'reason'>> {
  const incident = said.incident ?? (await answerTo(questions.line('Incident id, such as INC-1234', fitsIncident)))
  const reason = said.reason ?? (await answerTo(questions.line('Why is production changed by hand?', fitsOwnWords)))
  return { incident, reason }
}

const fitsIncident: Check = (text) =>
  INCIDENT.test(text) || 'Letters, digits, dots, hyphens and underscores, starting with a letter or digit.'

async function askRunbooks(workspace: Workspace, questions: Questions, runtime: Runtime): Promise<string[]> {
  const files = await runbookFiles(workspace)
  const offers = (await Promise.all(files.map((file) => offerOf(file, runtime.cwd)))).flat()
  const chosen = [await questions.find('Which runbook?', offers)]
  while (offers.length > chosen.length && (await questions.yesOrNo('Another one after it?', false)))
    chosen.push(
      await questions.find(
        'Which runbook?',
        offers.filter(({ value }) => !chosen.includes(value)),
      ),
    )
  return chosen
}

/** Offers a runbook that is valid and changes something; `validate` and `list` explain the others. */
async function offerOf(file: string, cwd: string) {
  try {
    const runbook = (await load(file, cwd, readRunbook)).value
    if (!changesSomething(runbook)) return []
    const { name, title, description } = runbook
    return [{ name: printable(`${name}  ${title}`), value: file, description: printable(description) }]
  } catch (error) {
    if (error instanceof InvalidFiles) return []
    throw error
  }
}

const askEnvironment = (inventory: Inventory, questions: Questions): Promise<string> =>
  questions.choose(
    'Which environment?',
    Object.values(inventory.environments).map(({ name, project, protected: guarded }) => ({
      name: printable(`${name}  ${project}${guarded ? '  (protected)' : ''}`),
      value: name,
    })),
    { start: Object.values(inventory.environments).find(({ protected: guarded }) => !guarded)?.name ?? '' },
  )

/** Asks for inputs without a value; if the runbook was asked for too, the others can be changed. */
async function askInputs(
  runbooks: Runbook[],
  inventory: Inventory,
  env: string,
  said: Said,
  questions: Questions,
  print: Print,
): Promise<GivenInputs> {
  const variables = inventoryVariables(inventory, pickEnvironment(inventory, env))
  let input = said.input
  for (const runbook of runbooks) {
    const prompts = inputPrompts(runbook, input, variables)
    for (const prompt of prompts.filter(({ preset }) => preset === undefined))
      input = { ...input, [prompt.name]: await askInput(prompt, questions, print) }
    if (said.runbooks.length === 0) input = await changeInputs(prompts, input, questions, print)
  }
  return input
}

async function changeInputs(
  prompts: InputPrompt[],
  given: GivenInputs,
  questions: Questions,
  print: Print,
): Promise<GivenInputs> {
  let input = given
  while (prompts.length > 0) {
    const offers = prompts.map((prompt) => ({
      name: printable(
        `change ${prompt.title}: ${showInput(own(input, prompt.name) ?? prompt.preset ?? null) || '(none)'}`,
      ),
      value: prompt as InputPrompt | undefined,
    }))
    const chosen = await questions.choose('Inputs', [{ name: 'continue with these', value: undefined }, ...offers], {
      start: undefined,
    })
    if (chosen === undefined) return input
    const preset = own(input, chosen.name) ?? chosen.preset
    const again = { ...chosen, ...(preset === undefined ? {} : { preset }) }
    input = { ...input, [chosen.name]: await askInput(again, questions, print) }
  }
  return input
}

async function askInput(prompt: InputPrompt, questions: Questions, print: Print): Promise<Json> {
  const { title, description, preset, ask, check, checkText, read } = prompt
  if (description !== '') print(printable(description))
  const message = printable(title)
  switch (ask.kind) {
    case 'yes-no':
      return questions.yesOrNo(message, preset === true)
    case 'one-of':
      return questions.choose(
        message,
        ask.offers.map((value) => ({ name: printable(showInput(value)), value })),
        { start: preset ?? null },
      )
    case 'some-of': {
      const checked = Array.isArray(preset) ? preset : []
      const offers = ask.offers.map((value) => ({
        name: printable(showInput(value)),
        value,
        checked: checked.includes(value),
      }))
      return questions.several(message, offers, check)
    }
    case 'text':
      return read(
        await answerTo(questions.line(message, checkText, preset === undefined ? undefined : showInput(preset))),
      )
  }
}
