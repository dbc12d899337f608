import { chmodSync, existsSync, rmSync } from 'node:fs'
import { beforeEach, expect, test, vi } from 'vitest'
import { makeStage, type Stage, upTo } from './stage.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const runbook = (name: string, step: string): string => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: ${name}, description: Asks a script., risk: low }
steps:
${step}`

const asking = (name: string, run: string) =>
  runbook(name, `  - { id: asked, title: it is right, script: { run: ${run}, exitCodes: { drift: [1] } } }\n`)

let stage: Stage
beforeEach(async () => {
  stage = await makeStage()
  stage.write('runbooks/direct.yaml', asking('direct', '[scripts/look.sh]'))
  stage.write('runbooks/through-bash.yaml', asking('through-bash', '[bash, -e, scripts/look.sh]'))
  stage.write(
    'runbooks/gated.yaml',
    runbook('gated', '  - { id: gate, title: direct holds, gate: { runbook: direct } }\n'),
  )
  script('exit 0')
})

function script(text: string): void {
  chmodSync(stage.write('scripts/look.sh', `#!/bin/bash\n${text}\n`), 0o755)
}

async function refuses(...argv: string[]): Promise<void> {
  const { exit, stdout, stderr } = await stage.breakglass(...argv)
  expect({ exit: exit !== 0, said: stdout + stderr }).toMatchObject({
    exit: true,
    said: expect.stringMatching(/the script's file scripts\/look\.sh, what it is bound to: (sha256:\w+|missing) → /),
  })
  expect(existsSync(stage.at('trace'))).toBe(false)
}

test.each(['direct', 'through-bash', 'gated'])(
  'a saved plan of %s does not run a script that was changed since',
  async (name) => {
    expect((await stage.breakglass('plan', name, '--env', 'live', '--out', 'plan.json')).exit).toBe(0)
    script(`touch ${stage.at('trace')}`)
    await refuses('run', '--plan', 'plan.json', '--incident', 'INC-1', '--reason', 'r', '--yes')
    rmSync(stage.at('scripts/look.sh'))
    await refuses('run', '--plan', 'plan.json', '--incident', 'INC-1', '--reason', 'r', '--yes')
    script('exit 0')
    expect(
      (await stage.breakglass('run', '--plan', 'plan.json', '--incident', 'INC-1', '--reason', 'r', '--yes')).exit,
    ).toBe(0)
  },
)

test('nor does who goes on with a run, or undoes one', async () => {
  expect((await stage.run('INC-1', ['posture', 'through-bash'])).exit).toBe(0)
  stage.forge('INC-1', 'INC-2', (entries) => upTo(entries, 'plan.made'))
  script(`touch ${stage.at('trace')}`)
  await refuses('resume', 'INC-2', '--yes')
  await refuses('undo', 'INC-1', '--yes')
})
