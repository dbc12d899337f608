import type { CommandLine } from '../gcloud-grammar/command-line.ts'
import { type GcloudKnowledge, withoutNo } from '../gcloud-grammar/command-tree.ts'
import type { KnownField } from '../gcloud-grammar/known-changes.ts'
import { type Draft, describing, idOf, LOCATION_FLAGS, locationOf, subjectOf } from './draft.ts'

/** Drafts a step for a command whose flags change known fields, which it observes, expects, sets and restores. */
export function draftFields(line: CommandLine, fields: KnownField[], knowledge: GcloudKnowledge): Draft {
  const subject = subjectOf(line)
  const known = line.flags.flatMap((flag) => {
    const field = fields.find((each) => each.flag === withoutNo(flag.name))
    return field ? [{ field, flag }] : []
  })
  const left = line.flags.filter(
    ({ name }) => !LOCATION_FLAGS.has(name) && !known.some(({ flag }) => flag.name === name),
  )
  const marks = left.map(
    ({ name }) => `\`${name}\` was skipped: how to observe and undo it is not known. Write a separate step for it.`,
  )
  if (known.length === 0)
    return {
      leftOut: `how to observe and undo ${left.map(({ name }) => `\`${name}\``).join(', ') || 'it'} is not known`,
    }
  const place = locationOf(line)
  const select = Object.fromEntries(known.map(({ field }) => [field.name, `\${{ ${field.select} }}`]))
  const values = known.map(({ field, flag }) => [field, valueFor(field, flag.name, flag.value?.text)] as const)
  const expect = Object.fromEntries(values.map(([field, value]) => [field.name, value]))
  const given = values.map(([field, value]) =>
    field.kind === 'switch' ? (value ? field.flag : `--no-${field.flag.slice(2)}`) : `${field.flag}=${value}`,
  )
  const restored = known.map(({ field }) =>
    field.kind === 'switch'
      ? { flag: field.flag, on: `\${{ before.${field.name} }}` }
      : `${field.flag}=\${{ before.${field.name} }}`,
  )
  const names = known.map(({ field }) => field.name).join(', ')
  return {
    marks,
    step: {
      id: idOf(subject, known[0]?.field.name ?? ''),
      title: `Set ${names} of ${subject}`,
      subject,
      observe: { gcloud: [...describing(line, knowledge), subject, ...place], select },
      expect,
      apply: { gcloud: [...line.command, subject, ...place, ...given] },
      undo: { gcloud: [...line.command, subject, ...place, ...restored] },
      record: `Updated \${{ changed }} with \`${given.join(' ')}\`.`.slice(0, 200),
    },
  }
}

function valueFor(field: KnownField, flag: string, text: string | undefined): string | number | boolean {
  if (field.kind === 'switch') return flag === field.flag
  if (field.kind === 'number' && /^[0-9]+s?$/.test(text ?? '')) return Number.parseInt(text ?? '', 10)
  // gcloud accepts the name of a service account but prints its email address.
  if (field.flag === '--service-account' && text && !text.includes('@') && !text.includes('inputs.'))
    return `${text}@\${{ env.project }}.iam.gserviceaccount.com`
  return text ?? ''
}
