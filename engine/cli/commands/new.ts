import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type DraftRunbook, draftRunbook } from '../../author/draft-runbook.ts'
import { lookAlikesIn } from '../../author/look-alikes-in.ts'
import { tidyDiagnostics } from '../../base/diagnostic.ts'
import { UserError } from '../../base/problem.ts'
import { createFiles } from '../../disk/create-files.ts'
import { readSource } from '../../disk/read-source.ts'
import { FIRST, schemaFor } from '../../disk/starter.ts'
import { findWorkspace } from '../../disk/workspace.ts'
import { gcloudKnowledge } from '../../gcloud/command-tree.ts'
import { findGcloud } from '../../gcloud/find.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { runbookInterpreter } from '../../runbook/read-runbook.ts'
import { makeReader } from '../../runbook/reader.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { InvalidFiles } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

type NewOptions = CommonOptions & { title?: string; fromShell?: string }

/** `breakglass new NAME`: writes a valid runbook, from the template or from the gcloud commands of a shell script. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<name>', 'Name of the runbook: lower-case words joined by hyphens')
    .option('--title <text>', 'Title of the runbook')
    .option('--from-shell <file>', 'Script whose gcloud commands become steps; it is read, never run')
    .action(async (name: string, options: NewOptions) => exit(await newRunbook(name, options, runtime)))
}

async function newRunbook(name: string, options: NewOptions, runtime: Runtime): Promise<number> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 64)
    throw new UserError(`${JSON.stringify(name)} is not a valid runbook name`, 'use lower-case words joined by hyphens')
  const workspace = findWorkspace(runtime.cwd, options.workspace)
  const path = `runbooks/${name}.yaml`
  const knowledge = gcloudKnowledge(findGcloud(runtime.environment.PATH))
  const { schema, copies } = await schemaFor(workspace.root, runtime.packageFolder, path, 'runbook')
  const head = {
    name,
    title: options.title ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`,
    schema,
  }
  const draft =
    options.fromShell === undefined
      ? { text: await template(head, runtime.packageFolder), marks: 0, leftOut: [] }
      : await draftFrom(resolve(runtime.cwd, options.fromShell), head, knowledge)
  refuseInvalid(path, draft.text, knowledge)
  const { kept } = await createFiles(workspace.root, [{ path, text: draft.text }])
  if (kept.length > 0)
    throw new UserError(`${path} already exists and was not changed`, 'choose another name, or move the file away')
  await createFiles(workspace.root, copies)
  const print = printer(options.json, runtime)
  print(`Created ${join(workspace.root, path)}.`)
  for (const { line, why } of draft.leftOut) print(`  line ${line} was skipped: ${why}`)
  if (draft.marks > 0) print(`Next: replace each FILL IN (${draft.marks}), then run \`breakglass validate\`.`)
  else print('Next: adapt it, then run `breakglass validate`.')
  if (options.json) emit({ file: join(workspace.root, path), marks: draft.marks, leftOut: draft.leftOut }, runtime)
  return EXIT.done
}

type Head = { name: string; title: string; schema: string }

/** Returns the starter's first runbook, which explains itself, under another name. */
async function template({ name, title, schema }: Head, packageFolder: string): Promise<string> {
  const text = await readFile(join(packageFolder, 'engine', 'starter', 'runbooks', `${FIRST.runbook}.yaml`), 'utf8')
  return text
    .replace(/^# yaml-language-server: .*$/m, () => `# yaml-language-server: $schema=${schema}`)
    .replace(/^ {2}name: .*$/m, () => `  name: ${name}`)
    .replace(/^ {2}title: .*$/m, () => `  title: ${JSON.stringify(title)}`)
}

async function draftFrom(file: string, head: Head, knowledge: GcloudKnowledge): Promise<DraftRunbook> {
  const found = readSource(file, file)
  if (!found.ok) throw new InvalidFiles(found.diagnostics, [])
  const wrong = lookAlikesIn(found.source)
  if (wrong.length > 0) throw new InvalidFiles(tidyDiagnostics(wrong), [found.source])
  const draft = draftRunbook(found.source.text, head, knowledge)
  if (draft.steps > 0) return draft
  const whys = draft.leftOut.map(({ line, why }) => `line ${line}: ${why}`).join('; ')
  throw new UserError(
    `${file} has no gcloud command that changes something${whys === '' ? '' : ` (${whys})`}`,
    'leave --from-shell out to start from an example',
  )
}

/** Refuses a draft that is not valid. Throws InvalidFiles. */
function refuseInvalid(path: string, text: string, knowledge: GcloudKnowledge): void {
  const source = { name: path, text }
  const reading = makeReader(runbookInterpreter(knowledge))(source)
  if (!reading.ok) throw new InvalidFiles(reading.diagnostics, [source])
}
