import type { Argument } from '../../gcloud-grammar/argument.ts'
import type { GcloudRead, ObserveTemplate, Runbook, StepTemplate } from '../../runbook/types.ts'
import { type Permission, permissionsOf } from './permissions.ts'

/** What runbooks need of a machine and of an environment's project, as far as their commands show. */
export type Needs = {
  permissions: (Permission & { for: 'read' | 'change' })[]
  /** Commands whose permissions are unknown. */
  unknown: string[]
  /** Whether they also read projects other than the environment's. */
  elsewhere: boolean
  components: string[]
  /** The names of all commands, as arguments; a literal value may follow. */
  commands: string[][]
  github: boolean
}

type Command = { argv: Argument[]; for: 'read' | 'change'; elsewhere?: boolean }

/** Collects what runbooks need, including the reads of the runbooks that they use as gates. */
export function needsOf(runbooks: Runbook[], gates: Runbook[]): Needs {
  const steps = runbooks.flatMap(({ steps, verify }) => [...steps, ...verify])
  const gateSteps = gates.flatMap(({ steps, verify }) => [...steps, ...verify])
  const commands = [
    ...steps.flatMap(commandsOf),
    ...gateSteps.flatMap(commandsOf).filter((command) => command.for === 'read'),
  ]
  const permissions = new Map<string, Needs['permissions'][number]>()
  const unknown = new Set<string>()
  const here = commands.filter(({ elsewhere }) => !elsewhere)
  for (const command of here.toSorted((a, b) => Number(a.for === 'change') - Number(b.for === 'change'))) {
    const found = permissionsOf(textsOf(command.argv))
    if (found === undefined) unknown.add(namePart(command.argv))
    for (const one of found ?? [])
      if (!permissions.has(one.name)) permissions.set(one.name, { ...one, for: command.for })
  }
  const releases = commands.map(({ argv: [first] }) => first).filter((word) => word === 'beta' || word === 'alpha')
  return {
    permissions: [...permissions.values()],
    unknown: [...unknown],
    elsewhere: commands.some(({ elsewhere }) => elsewhere === true),
    components: [...new Set(releases as string[])],
    commands: [...new Set(commands.map(({ argv }) => namePart(argv)))].map((name) => name.split(' ')),
    github: [...steps, ...gateSteps].some(({ kind }) => kind === 'workflowRun'),
  }
}

function commandsOf(step: StepTemplate): Command[] {
  switch (step.kind) {
    case 'gcloud': {
      const undo = step.undo && 'gcloud' in step.undo ? [step.undo.gcloud] : []
      const changes = [...(step.apply ? [step.apply.gcloud] : []), ...undo]
      return [...readsOfStep(step), ...changes.map((argv): Command => ({ argv, for: 'change' }))]
    }
    case 'secret':
      return [
        { argv: ['secrets', 'versions', 'list'], for: 'read' },
        { argv: ['secrets', 'versions', 'access'], for: 'read' },
        { argv: ['secrets', 'versions', 'access'], for: 'read', elsewhere: true },
        { argv: ['secrets', 'versions', 'add'], for: 'change' },
      ]
    case 'http':
      return step.http.from ? [{ argv: step.http.from, for: 'read' }] : []
    case 'manual':
    case 'wait':
      return step.observe ? readsOfStep(step) : []
    case 'workflowRun':
    case 'script':
    case 'gate':
    case 'approve':
      return []
  }
}

function readsOfStep({ observe }: ObserveTemplate): Command[] {
  const elsewhere = observe.project !== undefined
  return readsOf(observe.gcloud).map((argv) => ({ argv, for: 'read', elsewhere }))
}

const readsOf = (read: GcloudRead): Argument[][] => (Array.isArray(read) ? [read] : Object.values(read))

const textsOf = (argv: Argument[]): string[] => argv.map((word) => (typeof word === 'string' ? word : word.flag))

/** Returns the certain part of a command's name: its arguments up to the first flag or value. */
function namePart(argv: Argument[]): string {
  const texts = textsOf(argv)
  const end = texts.findIndex((word) => !/^[a-z][a-z0-9-]*$/.test(word))
  return texts.slice(0, end < 0 ? undefined : end).join(' ')
}
