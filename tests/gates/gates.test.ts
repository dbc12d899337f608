import { describe, expect, it } from 'vitest'
import { makeDesk } from '../incident/cli.ts'
import { drifts } from './drifts.ts'
import { plant } from './planted.ts'
import { serviceIn } from './scenario-parts.ts'

const desk = makeDesk('fake')
const prod = 'jualuma-prod'

describe('a gate exits 3 and names the drift', () => {
  it.each(drifts)('$what ($gate)', { timeout: 240_000 }, async ({ what, gate, environment, change, names }) => {
    const sandbox = plant(desk, `${gate} ${what}`, change)
    const ended = await desk.breakglass([
      'check',
      gate,
      '--env',
      environment,
      '--input',
      `environments=${environment}`,
      '--sandbox',
      sandbox,
    ])
    expect(ended.exit, ended.stdout + ended.stderr).toBe(3)
    const drifted = ended.stdout
      .split('\n')
      .filter((line) => line.startsWith('drift    '))
      .join('\n')
    const titles = ended.stdout
      .split('\n')
      .filter((line) => /^drift {3}\S/.test(line))
      .join('\n')
    for (const name of names) expect(`${drifted}\n${titles}`).toContain(name)
  })
})

describe('a gate passes', () => {
  it.each(['run-parity', 'gcp-drift', 'identity-key-drift'])(
    '%s on all conformant environments',
    { timeout: 240_000 },
    async (gate) => {
      const ended = await desk.breakglass(['check', gate, '--env', 'prod', '--sandbox', 'conformant'])
      expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toMatch(/\nSANDBOX jualuma-prod {2}[1-9][0-9]* conformant, 0 drifted, 0 unknown\./)
    },
  )

  it('identity-key-drift only shows no deprecated key where it is told not to fail on them', {
    timeout: 240_000,
  }, async () => {
    const sandbox = plant(desk, 'tolerated', (scenario) => {
      serviceIn(scenario, prod, 'support-portal').env = { AUTH_ISSUER_URL: 'https://x', FIREBASE_ADMIN_KEY: 'y' }
    })
    const argv = ['check', 'identity-key-drift', '--env', 'prod', '--input', 'environments=prod', '--sandbox', sandbox]
    const ended = await desk.breakglass([...argv, '--input', 'failOnDeprecated=false'])
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
  })
})
