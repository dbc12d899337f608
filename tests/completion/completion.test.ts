import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, test } from 'vitest'
import type { CommandData } from '../../engine/report/completion/command-data.ts'
import { SHELLS, shellScript } from '../../engine/report/completion/script.ts'
import { completesArgument, completesOption } from '../../engine/report/completion/values.ts'
import { findShell, makeShellDesk, tab } from './shells.ts'

const desk = makeShellDesk()
const limit = { timeout: 240_000 }
const at = (shell: string): string => join(desk.folder, `breakglass.${shell}`)
let commands: CommandData[] = []

beforeAll(async () => {
  for (const incident of ['INC-1', 'INC-22', '$(touch hit)', 'a b'])
    mkdirSync(join(desk.folder, 'logs', incident), { recursive: true })
  for (const runbook of ['$(touch hit)', 'a b', "it's"]) desk.write(`runbooks/${runbook}.yaml`, 'kind: Runbook\n')
  desk.write('half.yaml', 'environments:\n  blue: { project: 7 }\n')
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(at(shell), (await desk.breakglass('completion', shell)).stdout)
  commands = JSON.parse((await desk.breakglass('--help', '--json')).stdout).commands
}, 240_000)

/** Every command that has none under it, by the words that lead to it. */
const leaves = (all: CommandData[], before: string[] = []): { words: string[]; command: CommandData }[] =>
  all.flatMap((command) => {
    const words = [...before, command.name]
    return command.commands.length > 0 ? leaves(command.commands, words) : [{ words, command }]
  })

describe('what completes a word', () => {
  /** Words that are a person's own. */
  const OWN = [
    'name',
    'text',
    'id',
    'key',
    'reason',
    'number',
    'count',
    'duration',
    'name=value',
    'address',
    'seq',
    'url',
    'email',
  ]

  it('is known of every argument and option that is not a person’s own to choose', () => {
    for (const { words, command } of leaves(commands)) {
      for (const argument of command.arguments)
        if (completesArgument(argument, words.join(' ')).kind === 'nothing')
          expect([...OWN, 'command', 'line'], `${words.join(' ')} <${argument.name}>`).toContain(argument.name)
      for (const option of command.options.filter(({ value }) => value !== undefined))
        if (completesOption(option).kind === 'nothing')
          expect(OWN, `${words.join(' ')} ${option.flag} <${option.value}>`).toContain(option.value)
    }
  })

  it.each(['bash', 'zsh', 'fish'])('is in the script for %s, with every command and option', (shell) => {
    const script = desk.lines(`breakglass.${shell}`).join('\n')
    for (const { words, command } of leaves(commands)) {
      expect(script).toMatch(new RegExp(`\\b${words.at(-1)}\\b`))
      for (const { flag } of command.options) expect(script).toMatch(new RegExp(`(-l |--)${flag.slice(2)}\\b`))
    }
  })
})

describe('a text of a definition', () => {
  const text = `it's \`touch hit\` $(touch hit) [x]: "y" \\ %`
  const option = { flag: '--out', summary: text, required: false, group: 'Options', value: 'file' }
  const shown: CommandData = {
    ...{ name: 'show', summary: text, usage: '', arguments: [], options: [option] },
    ...{ examples: [], exitCodes: [], commands: [] },
  }

  it.each(SHELLS)('is no command in the script for %s', (shell) => {
    const script = shellScript(shell, [shown], [])
    // What stands between single quotes is text: in fish with \\' within, elsewhere with '\\'' between.
    const quotes = shell === 'fish' ? /'(?:[^'\\]|\\.)*'/g : /'[^']*'(?:\\''[^']*')*/g
    expect(script.replaceAll(quotes, '')).not.toContain('hit')
    const found = findShell(shell)
    if (!found) return
    writeFileSync(at(`hostile.${shell}`), script)
    const quiet = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell]
    desk.shell(found, ...quiet, '-n', at(`hostile.${shell}`))
    const compdef = shell === 'zsh' ? 'compdef() { :; }; ' : ''
    desk.shell(found, ...quiet, '-c', `${compdef}source '${at(`hostile.${shell}`)}'`)
    expect(desk.names('.')).not.toContain('hit')
  })
})

describe('breakglass names', () => {
  it('prints names and nothing else, by kind', limit, async () => {
    expect((await desk.breakglass('names', 'environments')).stdout).toBe('dev\nprod\nstage\n')
    expect((await desk.breakglass('names', 'scenarios')).stdout).toBe('conformant\nincident-2026-02-27\n')
    expect((await desk.breakglass('names', 'runbooks')).stdout).toContain('access-posture\n')
  })

  it('offers no name that a shell would have to quote', limit, async () => {
    expect((await desk.breakglass('names', 'incidents')).stdout).toBe('INC-1\nINC-22\n')
    expect((await desk.breakglass('names', 'runbooks')).stdout).not.toMatch(/[^a-z\n-]/)
  })

  it('looks where the line that is completed says', limit, async () => {
    mkdirSync(join(desk.folder, 'elsewhere', 'INC-9'), { recursive: true })
    for (const given of [['--logs', 'elsewhere'], ['--logs=elsewhere'], ['--logs', '=', 'elsewhere']])
      expect((await desk.breakglass('names', 'incidents', '--', 'record', ...given)).stdout).toBe('INC-9\n')
  })

  it.each(['runbooks', 'environments', 'incidents'])('loads for %s little more than it must', limit, (kind) => {
    const coverage = join(desk.folder, `loaded-${kind}`)
    desk.shell('/usr/bin/env', `NODE_V8_COVERAGE=${coverage}`, 'breakglass', 'names', kind)
    const loaded = readdirSync(coverage).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] }
      return result.flatMap(({ url }) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
    })
    const libraries = [...new Set(loaded)].filter((name) => name !== 'node')
    const known = ['commander', 'fastest-levenshtein', 'write-file-atomic', 'signal-exit']
    const parser = ['yaml', '@babel/code-frame', '@babel/helper-validator-identifier', 'js-tokens', 'picocolors']
    if (kind === 'environments') known.push(...parser)
    expect(libraries).toContain('commander')
    expect(libraries.filter((name) => !known.includes(name))).toEqual([])
  })

  it('gives the environments of an inventory that is wrong elsewhere', limit, async () => {
    expect((await desk.breakglass('names', 'environments', '--inventory', 'half.yaml')).stdout).toBe('blue\n')
  })
})

/** A line as bash parts it, and what must be offered for its last word. */
const CASES: { line: string[]; offers: string[] }[] = [
  { line: ['che'], offers: ['check'] },
  { line: ['--json', 'aud'], offers: ['audit'] },
  { line: ['--workspace', '.', 'recor'], offers: ['record'] },
  { line: ['--wor'], offers: ['--workspace'] },
  { line: ['audit', ''], offers: ['verify', 'show', 'export', 'prove'] },
  { line: ['audit', 'verify', '--st'], offers: ['--strict'] },
  { line: ['audit', 'verify', 'INC'], offers: ['INC-1', 'INC-22'] },
  { line: ['check', 'access'], offers: ['access-posture'] },
  { line: ['check', 'run-parity', '--env', 'prod', 'secret'], offers: ['secret-parity'] },
  { line: ['check', '--env', ''], offers: ['dev', 'prod', 'stage'] },
  { line: ['check', '--env', '=', 'p'], offers: ['prod'] },
  { line: ['check', '--env', '='], offers: ['dev', 'prod', 'stage'] },
  { line: ['check', '--env=p'], offers: ['--env=prod'] },
  { line: ['check', '--format', 's'], offers: ['sarif'] },
  { line: ['record', 'INC-1', '--format', ''], offers: ['markdown', 'html', 'json'] },
  { line: ['rehearse', ''], offers: ['conformant', 'incident-2026-02-27'] },
  { line: ['run', '--reason', 'acc'], offers: [] },
  { line: ['record', 'INC-1', ''], offers: [] },
  { line: ['completion', 'z'], offers: ['zsh'] },
  { line: ['nonsense', ''], offers: [] },
  { line: ['validate', 'half'], offers: ['half.yaml'] },
  { line: ['list', '--logs', 'runb'], offers: ['runbooks'] },
]

const ASK = `source "$1"; shift; COMP_WORDS=(breakglass "$@"); COMP_CWORD=$#
_breakglass 2>/dev/null; for each in "\${COMPREPLY[@]}"; do printf '%s\\n' "$each"; done`

describe('in bash', () => {
  const bash = findShell('bash') ?? 'bash'

  it.each(CASES)('$line is completed by $offers', limit, ({ line, offers }) => {
    const said = desk.shell(bash, '--norc', '-c', ASK, 'bash', at('bash'), ...line)
    expect(said.split('\n').filter((word) => word !== '')).toEqual(offers)
  })

  it('runs nothing of what is typed', limit, () => {
    desk.shell(bash, '--norc', '-c', ASK, 'bash', at('bash'), 'record', '$(touch', 'hit)', '$(touch hit)')
    expect(desk.names('.')).not.toContain('hit)')
    expect(desk.names('.')).not.toContain('hit')
  })

  it('answers to Tab', limit, async () => {
    const terminal = desk.hold(bash, '--norc', '-i')
    terminal.press('eval "$(breakglass completion bash)"; echo rea""dy\r')
    await terminal.waitFor('ready')
    await tab(terminal, 'breakglass check acc', 'breakglass check access-posture')
    await tab(terminal, 'breakglass check --env=st', 'breakglass check --env=stage')
    terminal.close()
  })
})

/** A shell that this machine may lack: its script is held against its words above, and here against the shell itself. */
const zsh = findShell('zsh')
describe.skipIf(!zsh)('in zsh (skipped where there is none)', () => {
  it('answers to Tab', limit, async () => {
    const terminal = desk.hold(zsh ?? '', '-f', '-i')
    terminal.press('autoload -Uz compinit; compinit -u -D; eval "$(breakglass completion zsh)"; echo rea""dy\r')
    await terminal.waitFor('ready')
    await tab(terminal, 'breakglass che', 'breakglass check')
    await tab(terminal, 'breakglass check acc', 'breakglass check access-posture')
    await tab(terminal, 'breakglass check --env=st', 'breakglass check --env=stage')
    await tab(terminal, 'breakglass --json audit ver', 'breakglass --json audit verify')
    await tab(terminal, 'breakglass audit verify INC-2', 'breakglass audit verify INC-22')
    await tab(terminal, 'breakglass check x --format sa', 'breakglass check x --format sarif')
    terminal.close()
  })
})

const fish = findShell('fish')
describe.skipIf(!fish)('in fish (skipped where there is none)', () => {
  const words = ({ line }: { line: string[] }) => line.join(' ').replaceAll(' = ', '=').replace(/ =$/, '=')
  // fish shows files beside what it has no words for, and --env=p as one word.
  const cases = CASES.filter(({ line, offers }) => offers.length > 0 && !line.includes('='))

  it.each(cases)('$line is completed by $offers', limit, (each) => {
    const ask = `source '${at('fish')}'; complete -C 'breakglass ${words(each)}'`
    const offered = desk.shell(fish ?? '', '--no-config', '-c', ask).split('\n')
    const said = offered.map((line) => line.split('\t')[0]?.replace(/\/$/, '')).filter((word) => word !== '')
    expect(said.toSorted()).toEqual(each.offers.toSorted())
  })
})

test('a shell that is not installed here is named', () => {
  for (const [name, found] of [
    ['zsh', zsh],
    ['fish', fish],
  ] as const)
    if (!found)
      process.stderr.write(`NOT TRIED: ${name} is not installed; its completion was held against the commands only.\n`)
})
