import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atTheEnd } from '../at-the-end.ts'
import { findShell } from '../completion/shells.ts'
import { main, makeDesk } from '../saved-plans/sandbox-desk.ts'
import { holdTerminal } from '../terminal/held-terminal.ts'

const home = mkdtempSync(join(tmpdir(), 'breakglass-prompt-'))
atTheEnd(() => rmSync(home, { recursive: true, force: true }))
for (const [path, text] of [
  ['.bashrc', "PS1='mine> '\nPROMPT_COMMAND=again\nagain() { PS1='mine> '; }\nown=bashrc\n"],
  ['.bash_profile', "PS1='login> '\nown=profile\n"],
  ['.zshenv', 'env_read=yes\n'],
  ['.zshrc', "PROMPT='mine> '\nown=zshrc-$env_read\n"],
  ['.config/fish/config.fish', "function fish_prompt; echo -n 'mine> '; end\nset own fish\n"],
  ['own.sh', "PS1='mine> '\nown=env\n"],
] as const) {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}
mkdirSync(join(home, 'bin'))
symlinkSync(process.execPath, join(home, 'bin', 'node'))

/** Starts a command in a sandbox, in its own terminal. */
const sandboxed = (given: string, ...argv: string[]) => sandboxedWith({}, given, ...argv)

const sandboxedWith = (environment: Record<string, string>, given: string, ...argv: string[]) =>
  holdTerminal([process.execPath, main, 'sandbox', given, '--', ...argv], {
    columns: 80,
    cwd: home,
    environment: {
      ...{ HOME: home, TMPDIR: home, TERM: 'xterm-256color', ENV: join(home, 'own.sh') },
      PATH: [join(home, 'bin'), '/usr/bin', '/bin'].join(delimiter),
      ...environment,
    },
  })

const SHELLS: [argv: string[], prompt: string, own: string][] = [
  [['bash'], 'mine>', 'bashrc'],
  [['bash', '-l'], 'login>', 'profile'],
  [['/bin/bash', '-i'], 'mine>', 'bashrc'],
  [['zsh'], 'mine>', 'zshrc-yes'],
  [['fish'], 'mine>', 'fish'],
  [['dash'], 'mine>', 'env'],
  [['sh'], 'mine>', 'env'],
]

describe.each(SHELLS)("the prompt of a sandbox's %j", (argv, prompt, own) => {
  const missing = findShell((argv[0] ?? '').replace(/^.*\//, '')) === undefined
  test.skipIf(missing)(
    `says SANDBOX and the scenario before every line, after the person's own files${missing ? ` (not tried: ${argv[0]} is not installed)` : ''}`,
    {
      timeout: 240_000,
    },
    async () => {
      const terminal = sandboxed('conformant', ...argv)
      await terminal.waitFor(`[SANDBOX conformant] ${prompt}`)
      terminal.press('echo "own is $own"\r')
      await terminal.waitFor(`own is ${own}`)
      await terminal.waitFor(`[SANDBOX conformant] ${prompt}`)
      terminal.press('exit 7\r')
      expect((await terminal.ended).exitCode).toBe(7)
      expect(terminal.screen()).not.toContain('[SANDBOX conformant] [SANDBOX')
    },
  )
})

test.each(['again;', 'again ; ', 'again # mine', 'again &', '(again; other=yes)\nagain', '=(again)'])(
  "a person's PROMPT_COMMAND %j still runs before every line",
  { timeout: 240_000 },
  async (theirs) => {
    const folder = mkdtempSync(join(home, 'bash-'))
    const value = theirs.startsWith('=') ? theirs.slice(1) : `'${theirs}'`
    writeFileSync(
      join(folder, '.bashrc'),
      `set +m\nPROMPT_COMMAND=${value}\nagain() { echo ran >> ~/ran; }\nPS1='mine> '\n`,
    )
    const terminal = sandboxedWith({ HOME: folder }, 'conformant', 'bash')
    for (const word of ['one', 'two']) {
      await terminal.waitFor('[SANDBOX conformant] mine>')
      terminal.press(`echo "it is $((40 + 2)) ${word}"\r`)
      await terminal.waitFor(`it is 42 ${word}`)
    }
    terminal.press('exit 7\r')
    expect((await terminal.ended).exitCode).toBe(7)
    expect(terminal.screen()).not.toMatch(/syntax error|PROMPT_COMMAND/)
    expect(readFileSync(join(folder, 'ran'), 'utf8').split('\n').length).toBeGreaterThan(2)
  },
)

test('a shell that runs a script, and any other command, is run unchanged', { timeout: 240_000 }, async () => {
  const terminal = sandboxed('conformant', 'bash', '-c', 'echo "prompt is ${PS1-none} $#" "$@"', 'x', 'one')
  await terminal.waitFor('prompt is none 1 one')
  expect((await terminal.ended).exitCode).toBe(0)
})

test('a shell can be opened in a running sandbox by its address', { timeout: 240_000 }, async () => {
  const desk = await makeDesk('conformant')
  const address = desk.environment.BREAKGLASS_SANDBOX ?? ''
  const terminal = sandboxed(address, 'bash')
  await terminal.waitFor('[SANDBOX conformant] mine>')
  terminal.press('echo "$BREAKGLASS_SANDBOX is it"\r')
  await terminal.waitFor(`${address} is it`)
  terminal.press('exit\r')
  expect((await terminal.ended).exitCode).toBe(0)
  const refused = await desk.breakglass('sandbox', address, '--port', '4711')
  expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining('is already running') })
  const exports = await desk.breakglass('sandbox', address)
  expect(exports).toMatchObject({ exit: 0, stdout: expect.stringContaining(`export BREAKGLASS_SANDBOX='${address}'`) })
})
