import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { hashLine, nextLine } from '../../engine/audit/chain.ts'
import { checkpointOf } from '../../engine/audit/checkpoint.ts'
import type { Entry, LogEvent } from '../../engine/audit/entry.ts'
import { grow, NO_TREE } from '../../engine/audit/merkle.ts'
import { runHere } from './here.ts'
import { type Desk, root } from './machine.ts'
import { chainedAnew, changedBytes, changedLines, linesOf, type Mutation } from './tampering.ts'

/** One way to tamper with an incident's folder; where it is about signatures, that of the last checkpoint lies there. */
export type Tampering = { what: string; signed?: true; tamper(folder: string): void }

/** Where incidents are, and the key of somebody whom no run knew. */
type Where = Pick<Desk, 'at' | 'log'>

/** The incident that is tampered with, and another one. */
export type Pristine = { desk: Where; incident: string; other: string }

const RUN = ['run', 'access-posture', '--env', 'prod', '--reason', 'r', '--yes'] as const

/** The commands that add to a log or replace what is derived from it; the incident's id comes last. */
const ADDING = {
  resume: ['resume', '--yes'],
  undo: ['undo', '--yes'],
  countersign: ['countersign', '--yes', '--inventory', 'inventory.yaml'],
  reconcile: ['reconcile'],
  run: [...RUN, '--incident'],
  'run that takes over': [...RUN, '--take-over', '--incident'],
  record: ['record'],
} as const

/** The names of the commands that are tried. */
export const COMMANDS = Object.keys(ADDING) as (keyof typeof ADDING)[]

/** Makes a folder in which commands are run, with the policy that `countersign` asks for; answers it. */
export function makeBench(desk: Where, name = 'bench'): string {
  const bench = desk.at(name)
  if (existsSync(bench)) return bench
  mkdirSync(bench)
  const policy =
    'policy: { allowedSigners: signers, approvers: { a: [ada@example.com] }, approvals: [{ environments: [prod], from: { a: 1 } }] }'
  cpSync(join(root, 'runbooks'), join(bench, 'runbooks'), { recursive: true })
  const inventory = readFileSync(join(root, 'runbooks', 'inventory.yaml'), 'utf8')
  writeFileSync(join(bench, 'inventory.yaml'), `${inventory}\n${policy}\n`)
  writeFileSync(join(bench, 'signers'), '')
  return bench
}

/**
 * Tampers with a copy of an incident and has each command try to add to it. Answers what is wrong: a command that was not
 * refused because of that, or something under the logs that is another than before; nothing where `verify` takes it.
 */
export async function tried(
  { desk, incident }: Pristine,
  { what, signed, tamper }: Tampering,
  bench: string,
  commands: readonly (keyof typeof ADDING)[] = COMMANDS,
): Promise<{ refused: boolean; wrong: string[] }> {
  const logs = join(bench, 'logs')
  const folder = join(logs, incident)
  rmSync(logs, { recursive: true, force: true })
  mkdirSync(logs, { mode: 0o700 })
  const last = `/${linesOf(desk.log(incident)).length}.sig`
  // To check a signature takes a process or two: where they don't matter, there are none, and elsewhere there is one.
  const isCopied = (path: string) => !path.endsWith('.sig') || (signed === true && path.endsWith(last))
  cpSync(desk.at('logs', incident), folder, { recursive: true, filter: isCopied })
  tamper(folder)
  const before = digestOf(logs)
  const at = ['--logs', logs, '--workspace', bench]
  const verified = await runHere(['audit', 'verify', incident, ...at], bench)
  if (verified.exit === 0) return { refused: false, wrong: [] }
  const wrong: string[] = []
  for (const name of commands) {
    const [command] = ADDING[name]
    const sandbox = ['record', 'countersign'].includes(command) ? [] : ['--sandbox', 'http://127.0.0.1:1']
    const argv = [...sandbox, ...at, ...ADDING[name].slice(1), incident]
    const { exit, stdout, stderr } = await runHere([command, ...argv], bench)
    const said = `${stdout}${stderr}`.trim()
    if (exit === 0 || !/so nothing is added to it|so no record is derived|is refused: /.test(said))
      wrong.push(`${what}: ${name} exits ${exit} and says: ${said}`)
    if (digestOf(logs) !== before) {
      wrong.push(`${what}: ${name} changed something`)
      break
    }
  }
  return { refused: true, wrong }
}

/** A digest of a folder: every name in it with its kind, mode and content. */
export function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const path = join(folder, name)
    const found = lstatSync(path)
    hash.update(`${name}\0${found.mode}\0`)
    if (found.isSymbolicLink()) hash.update(readlinkSync(path))
    else if (found.isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

/** The changes of the log alone, each so-manyth of each kind, as ways to tamper with a folder. */
export function* inTheLog(
  log: Uint8Array,
  every: { byte: number; line: number; anew: number; cut: number },
): Generator<Tampering> {
  yield* written(sampled(changedBytes(log, every.byte), 1))
  yield* written(sampled(changedLines(log), every.line))
  yield* written(sampled(chainedAnew(log), every.anew))
  yield* written(cutBytes(log, every.cut))
}

/** The log without its last bytes, from one on; each so-manyth length, and the last ten. */
function* cutBytes(log: Uint8Array, every: number): Generator<Mutation> {
  for (let length = log.length - 1; length >= 0; length--)
    if (length % every === 0 || length > log.length - 10)
      yield { what: `cut to ${length} of ${log.length} bytes`, log: log.subarray(0, length) }
}

function* sampled(mutations: Iterable<Mutation>, every: number): Generator<Mutation> {
  let number = 0
  for (const mutation of mutations) if (number++ % every === 0) yield mutation
}

function* written(mutations: Iterable<Mutation>): Generator<Tampering> {
  for (const { what, log } of mutations) {
    const bytes = Buffer.from(log)
    yield { what, tamper: (folder) => writeFileSync(join(folder, 'audit.jsonl'), bytes) }
  }
}

/** Changes of what lies beside the log, of an incident that was signed; a few with a change of the log as well. */
export function besideTheLog({ desk, incident, other }: Pristine): Tampering[] {
  const log = desk.log(incident)
  const size = linesOf(log).length
  const last = join('checkpoints', String(size))
  const change = (name: string, to: (bytes: Buffer) => Uint8Array | string) => (folder: string) =>
    writeFileSync(join(folder, name), to(readFileSync(join(folder, name))))
  const fromOther = (name: string) => (folder: string) => copyFileSync(desk.at('logs', other, name), join(folder, name))
  const otherSize = linesOf(desk.log(other)).length
  const anew = lastAnew(log)
  const source = (folder: string) => join(folder, 'sources', readdirSync(join(folder, 'sources'))[0] ?? '')
  const replacedByLink = (name: string) => (folder: string) => {
    renameSync(join(folder, name), join(folder, '..', `moved-${name.replaceAll('/', '-')}`))
    symlinkSync(join(folder, '..', `moved-${name.replaceAll('/', '-')}`), join(folder, name))
  }
  return [
    {
      what: 'a root changed',
      tamper: change(last, (text) => String(text).replace(/(.)=\n$/, (_, last) => (last === 'A' ? 'Q=\n' : 'A=\n'))),
    },
    {
      what: 'a checkpoint of one entry more',
      tamper: (folder) =>
        writeFileSync(
          join(folder, 'checkpoints', `${size + 1}`),
          checkpointOf(incident, [...linesOf(log), Buffer.from('x')].reduce(grow, NO_TREE)).text,
        ),
    },
    { what: 'a checkpoint emptied', tamper: (folder) => truncateSync(join(folder, last), 0) },
    { what: 'a checkpoint removed, its signature left', signed: true, tamper: (folder) => rmSync(join(folder, last)) },
    {
      what: 'a checkpoint under another name',
      tamper: (folder) => renameSync(join(folder, last), join(folder, 'checkpoints', `${size - 1}`)),
    },
    {
      what: 'two checkpoints of one size',
      tamper: (folder) => copyFileSync(join(folder, last), join(folder, 'checkpoints', `0${size}`)),
    },
    {
      what: 'a checkpoint that is a folder',
      tamper: (folder) => {
        rmSync(join(folder, last))
        mkdirSync(join(folder, last))
      },
    },
    { what: 'a checkpoint that is a link', tamper: replacedByLink(last) },
    { what: 'the folder of checkpoints is a link', tamper: replacedByLink('checkpoints') },
    { what: 'a checkpoint that everybody may write', tamper: (folder) => chmodSync(join(folder, last), 0o666) },
    {
      what: "another incident's checkpoint",
      tamper: (folder) =>
        copyFileSync(
          desk.at('logs', other, 'checkpoints', `${otherSize}`),
          join(folder, 'checkpoints', `${otherSize}`),
        ),
    },
    {
      what: "another incident's checkpoints",
      tamper: (folder) => {
        rmSync(join(folder, 'checkpoints'), { recursive: true })
        cpSync(desk.at('logs', other, 'checkpoints'), join(folder, 'checkpoints'), { recursive: true })
      },
    },
    { what: "another incident's log", tamper: fromOther('audit.jsonl') },
    {
      what: 'a signature of another checkpoint',
      signed: true,
      tamper: (folder) => copyFileSync(desk.at('logs', incident, 'checkpoints', '1.sig'), join(folder, `${last}.sig`)),
    },
    { what: 'a signature with a key of nobody', signed: true, tamper: (folder) => signWith(desk, join(folder, last)) },
    { what: 'a signature that is none', signed: true, tamper: change(`${last}.sig`, () => 'signed\n') },
    { what: 'a signature emptied', signed: true, tamper: (folder) => truncateSync(join(folder, `${last}.sig`), 0) },
    { what: 'a signature that is a link', signed: true, tamper: replacedByLink(`${last}.sig`) },
    {
      what: 'the list of signers emptied',
      signed: true,
      tamper: (folder) => truncateSync(join(folder, 'allowed_signers'), 0),
    },
    { what: 'the list of signers removed', signed: true, tamper: (folder) => rmSync(join(folder, 'allowed_signers')) },
    {
      what: "the list of signers somebody else's",
      signed: true,
      tamper: (folder) =>
        writeFileSync(
          join(folder, 'allowed_signers'),
          `root ${readFileSync(`${desk.at('forger-of-checkpoints')}.pub`, 'utf8')}`,
        ),
    },
    { what: 'the list of signers is a link', tamper: replacedByLink('allowed_signers') },
    { what: 'a kept file changed', tamper: (folder) => appendFileSync(source(folder), '#') },
    {
      what: 'a kept file planted',
      tamper: (folder) => writeFileSync(join(folder, 'sources', `${'0'.repeat(64)}.yaml`), 'planted'),
    },
    { what: 'the log is a link', tamper: replacedByLink('audit.jsonl') },
    { what: 'the log is gone', tamper: (folder) => rmSync(join(folder, 'audit.jsonl')) },
    {
      what: 'log and checkpoints gone',
      tamper: (folder) => {
        for (const name of ['audit.jsonl', 'checkpoints']) rmSync(join(folder, name), { recursive: true })
      },
    },
    {
      what: 'log, checkpoints and list of signers gone',
      tamper: (folder) => {
        for (const name of ['audit.jsonl', 'checkpoints', 'allowed_signers'])
          rmSync(join(folder, name), { recursive: true })
      },
    },
    {
      what: 'log written anew with a checkpoint of its own, the signature the old',
      signed: true,
      tamper: (folder) => {
        writeFileSync(join(folder, 'audit.jsonl'), anew)
        for (const name of readdirSync(join(folder, 'checkpoints')))
          if (name !== `${size}.sig`) rmSync(join(folder, 'checkpoints', name))
        writeFileSync(join(folder, last), checkpointOf(incident, linesOf(anew).reduce(grow, NO_TREE)).text)
      },
    },
    {
      what: 'the end of a covered line cut off',
      tamper: (folder) => truncateSync(join(folder, 'audit.jsonl'), log.length - 7),
    },
    {
      what: 'damaged and torn',
      tamper: (folder) =>
        writeFileSync(
          join(folder, 'audit.jsonl'),
          Buffer.concat([log.subarray(0, 300), log.subarray(301), Buffer.from('{"x')]),
        ),
    },
  ]
}

/** The log with its last entry written anew, as a run could have written it. */
function lastAnew(log: Uint8Array): Buffer {
  const lines = linesOf(log)
  const { time, run, type, body } = JSON.parse(String(lines.at(-1))) as Entry
  const before = { size: lines.length - 1, hash: hashLine(lines.at(-2) ?? '') }
  const { line } = nextLine(before, new Date(Date.parse(time) + 1000), run, { type, body } as LogEvent)
  return Buffer.concat([...lines.slice(0, -1), Buffer.from(line)].flatMap((each) => [each, Buffer.from('\n')]))
}

/** Signs a checkpoint anew with a key that no run had. */
function signWith(desk: Where, file: string): void {
  const argv = ['-Y', 'sign', '-q', '-f', desk.at('forger-of-checkpoints'), '-n', 'breakglass-checkpoint']
  writeFileSync(`${file}.sig`, execFileSync('ssh-keygen', argv, { input: readFileSync(file) }))
}
