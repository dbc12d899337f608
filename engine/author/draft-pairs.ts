import type { CommandLine } from '../gcloud-grammar/command-line.ts'
import { withoutTrack } from '../gcloud-grammar/command-tree.ts'
import { oppositesOf } from '../gcloud-grammar/known-changes.ts'
import { soleExpression, splitTemplate } from '../runbook/expressions/template.ts'
import { type Draft, idOf, locationOf, subjectOf } from './draft.ts'

/** Drafts a step that grants or removes a role, with the opposite command as undo. */
export function draftBinding(line: CommandLine, verb: string): Draft {
  const flag = (name: string) => line.flags.find((each) => each.name === name)?.value?.text
  const [member, role] = [flag('--member'), flag('--role')]
  const condition = flag('--condition') ?? 'None'
  const conditional = condition !== 'None' || line.flags.some(({ name }) => name === '--condition-from-file')
  if (!member || !role || conditional) return { leftOut: 'conditional roles are not supported' }
  const group = line.command.slice(0, -1)
  const rest = [
    ...line.positionals.map(({ text }) => text),
    ...locationOf(line),
    ...[`--member=${member}`, `--role=${role}`],
    ...(Object.hasOwn(line.known, '--condition') ? ['--condition=None'] : []),
  ]
  const adds = verb.startsWith('add')
  return {
    marks: [],
    step: {
      id: idOf(member.replace(/^\w+:/, ''), role.replace(/^roles\//, ''), adds ? '' : 'removed'),
      title: `${adds ? 'Grant' : 'Remove'} ${role} ${adds ? 'to' : 'from'} ${member}`.slice(0, 200),
      subject: role,
      observe: {
        gcloud: [
          ...withoutTrack(group),
          'get-iam-policy',
          ...line.positionals.map(({ text }) => text),
          ...locationOf(line),
        ],
        select: {
          granted: `\${{ result.?bindings.orValue([]).exists(b, b.role == ${celOf(role)} && !has(b.condition) && ${celOf(member)} in b.members) }}`,
        },
      },
      expect: { granted: adds },
      apply: { gcloud: [...line.command, ...rest] },
      undo: { gcloud: [...group, oppositesOf(verb)[0] ?? verb, ...rest] },
      retry: { attempts: 5, every: '10s' },
      record: `${adds ? 'Granted' : 'Removed'} \${{ changed }} ${adds ? 'to' : 'from'} \`${member}\`.`.slice(0, 200),
    },
  }
}

/** Turns a text with expressions into a single expression: `a-${{ x }}` becomes `'a-' + x`. */
function celOf(text: string): string {
  const segments = splitTemplate(text)
  const sole = soleExpression(segments)
  if (sole !== undefined) return sole.trim()
  const parts = segments.map((part) =>
    'literal' in part ? `'${part.literal.replaceAll(/['\\]/g, '\\$&')}'` : part.expression.trim(),
  )
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(' + ')})`
}

/** Drafts a step that creates a service account. */
export function draftAccount(line: CommandLine): Draft {
  const name = subjectOf(line)
  const email = `${name}@\${{ env.project }}.iam.gserviceaccount.com`
  const flags = line.flags.flatMap(({ name: flag, value }) => (value ? [`${flag}=${value.text}`] : []))
  return {
    marks: [],
    step: {
      id: idOf(name, 'exists'),
      title: `Create ${email}`.slice(0, 200),
      subject: email,
      observe: { gcloud: ['iam', 'service-accounts', 'describe', email], select: { email: '${{ result.email }}' } },
      expect: { email },
      apply: { gcloud: [...line.command, name, ...flags] },
      undo: { gcloud: ['iam', 'service-accounts', 'delete', email] },
      settle: { reads: 3, every: '2s', within: '5m' },
      record: 'Created ${{ changed }}.',
    },
  }
}

/** Drafts a step that enables or disables an API. */
export function draftService(line: CommandLine, verb: string): Draft {
  const [api, ...more] = line.positionals.map(({ text }) => text)
  if (api === undefined) return { leftOut: 'it names no API' }
  const [opposite = verb] = oppositesOf(verb)
  return {
    marks: more.length > 0 ? [`only the first API is included; add a step for each of ${more.join(', ')}.`] : [],
    step: {
      id: idOf(api.replace(/\.googleapis\.com$/, ''), `${verb}d`),
      title: `${verb === 'enable' ? 'Enable' : 'Disable'} ${api}`,
      subject: api,
      observe: {
        gcloud: ['services', 'list', '--enabled'],
        select: { enabled: `\${{ result.exists(s, s.config.name == ${celOf(api)}) }}` },
      },
      expect: { enabled: verb === 'enable' },
      apply: { gcloud: ['services', verb, api] },
      undo: { gcloud: ['services', opposite, api] },
      settle: { every: '5s', within: '5m' },
      record: `${verb === 'enable' ? 'Enabled' : 'Disabled'} \${{ changed }}.`,
    },
  }
}

/** Drafts a secret step, whose value comes from the reference environments and not from the script. */
export function draftSecret(line: CommandLine): Draft {
  const name = subjectOf(line)
  return {
    marks: [`name the environments whose value \`${name}\` must equal, under \`secrets\` in the inventory.`],
    step: {
      id: idOf(name.replaceAll('_', '-'), 'parity'),
      title: `Make ${name} equal its references`,
      subject: name,
      secret: {
        name,
        references: `\${{ env.secrets.filter(s, s.name == ${celOf(name)}).map(s, s.references)[?0].orValue([]) }}`,
      },
      record: 'Updated `${{ env.project }}` Secret Manager ${{ changed }} with a new version.',
    },
  }
}
