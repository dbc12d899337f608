import type { Argument } from '../gcloud-grammar/argument.ts'
import { commandOf } from '../gcloud-grammar/command.ts'
import type { Action, GcloudCommand, Undo } from './types.ts'

/**
 * What a change affects: projects by id, and what is more than one project or unknown (`organizations/1`, `folders/2`,
 * `projects/NUMBER`).
 */
export type Reach = { projects: string[]; beyond: string[] }

/** Returns what an action affects; a manual step counts for the step's own project. */
export function reachOfAction(action: Action | Undo | undefined, project: string): Reach {
  switch (action?.kind) {
    case 'gcloud':
      return reachOfCommand(action.command)
    case 'copy-secret':
      return { projects: [action.to.project], beyond: [] }
    case 'by-hand':
      return { projects: [project], beyond: [] }
    case 'ask':
    case 'wait':
    case 'none':
    case undefined:
      return NOTHING
  }
}

/** Returns the names that one reach has and another lacks. */
export const outsideOf = (reach: Reach, allowed: Reach): string[] => [
  ...reach.projects.filter((project) => !allowed.projects.includes(project)),
  ...reach.beyond.filter((name) => !allowed.beyond.includes(name)),
]

/** Joins several reaches, sorted and without duplicates. */
export const join = (...all: Reach[]): Reach => ({
  projects: sorted(all.flatMap(({ projects }) => projects)),
  beyond: sorted(all.flatMap(({ beyond }) => beyond)),
})

const NOTHING: Reach = { projects: [], beyond: [] }

const sorted = (names: string[]): string[] => [...new Set(names)].sort()

const reachOfCommand = ({ argv, project }: GcloudCommand): Reach => reachOfWords(argv, project)

/**
 * Flags whose value is only a reference: a member, a role, an identity, an image, a network. The changed resource is
 * named elsewhere.
 */
const REFERENCES = [
  ...['--member', '--members', '--role', '--roles', '--principal', '--service-account', '--image'],
  ...['--key', '--kms-key', '--network', '--subnet', '--vpc-connector'],
]

/** Flags whose value is the bare name of a project, an organization or a folder. */
const PROJECT_FLAGS = ['--project', '--billing-project', '--host-project', '--destination-project']
const BEYOND_FLAGS: Record<string, string> = {
  '--organization': 'organizations',
  '--folder': 'folders',
  '--billing-account': 'billingAccounts',
}

/** Returns what the arguments of a command can affect. */
export function reachOfWords(words: Argument[], project: string): Reach {
  const { groups, at } = commandOf(words)
  const own = { projects: [project], beyond: [] }
  return join(
    own,
    positionalScope(groups, words[at + 1]),
    ...words.map((word, index) => reachOfWord(word, words[index - 1])),
  )
}

/**
 * Returns what the first positional names, in groups where it is itself a project, an organization, a folder or a
 * billing account.
 */
function positionalScope(groups: string[], word: Argument | undefined): Reach {
  if (typeof word !== 'string' || word.startsWith('-') || word.includes('${{')) return NOTHING
  switch (groups.join(' ')) {
    case 'projects':
    case 'billing projects':
      return reachOfProject(bare(word))
    case 'organizations':
      return { projects: [], beyond: [`organizations/${bare(word)}`] }
    case 'resource-manager folders':
      return { projects: [], beyond: [`folders/${bare(word)}`] }
    case 'billing accounts':
      return { projects: [], beyond: [`billingAccounts/${bare(word)}`] }
    default:
      return NOTHING
  }
}

const bare = (word: string): string => word.split('/').at(-1) ?? word

function reachOfWord(word: Argument, before: Argument | undefined): Reach {
  if (typeof word !== 'string') return NOTHING
  const [, own, given] = /^(--[a-z][a-z0-9-]*)=([\s\S]*)$/.exec(word) ?? []
  const isFlag = own === undefined && word.startsWith('--')
  if (isFlag) return NOTHING
  const flag = own ?? (typeof before === 'string' && /^--[a-z][a-z0-9-]*$/.test(before) ? before : undefined)
  const value = given ?? word
  if (flag !== undefined && REFERENCES.includes(flag)) return NOTHING
  if (flag !== undefined && PROJECT_FLAGS.includes(flag)) return reachOfProject(bare(value))
  const scope = flag === undefined ? undefined : BEYOND_FLAGS[flag]
  if (scope !== undefined) return { projects: [], beyond: [`${scope}/${bare(value)}`] }
  return join(...named(value).map(reachOfName), ...accounts(value, flag).map(reachOfProject))
}

/** Returns all full resource names in a text: alone, in a URL, or in a list. */
const named = (text: string): string[] =>
  [
    ...text.matchAll(
      /(?<![a-z0-9-])(projects|namespaces|organizations|folders|billingAccounts)\/([^/\s,;?#&:"'${}]+)/gi,
    ),
  ].map(([, kind = '', name = '']) => `${kind.toLowerCase()}/${name}`)

function reachOfName(name: string): Reach {
  const [kind, id = ''] = name.split('/')
  return kind === 'projects' || kind === 'namespaces' ? reachOfProject(id) : { projects: [], beyond: [name] }
}

/** Returns the reach of a project id. A number is a project too, but only Google knows which. */
const reachOfProject = (id: string): Reach =>
  id.includes('${{') || id === '-' || id === '_'
    ? NOTHING
    : /^[0-9]+$/.test(id)
      ? { projects: [], beyond: [`projects/${id}`] }
      : { projects: [id], beyond: [] }

/** Returns the projects of the service accounts that an argument changes; a member's prefix marks a mere reference. */
const accounts = (value: string, flag: string | undefined): string[] =>
  (flag !== undefined && flag !== '--iam-account') || /^(serviceAccount|principal|deleted):/i.test(value)
    ? []
    : [
        ...value.matchAll(
          /(?<![A-Za-z0-9._%+-])[a-z0-9-]+@([a-z][a-z0-9-]*)\.iam\.gserviceaccount\.com(?![a-z0-9.-])/gi,
        ),
      ]
        .map(([, project = '']) => project)
        .filter((project) => !project.startsWith('gcp-sa-'))
