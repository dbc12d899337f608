import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draftRunbook } from '../../engine/author/draft-runbook.ts'
import { readScript } from '../../engine/author/shell-script.ts'
import { gcloudKnowledge } from '../../engine/gcloud/command-tree.ts'
import { readRunbook, runbookInterpreter } from '../../engine/runbook/read-runbook.ts'
import { makeReader } from '../../engine/runbook/reader.ts'
import type { GcloudStepTemplate, Runbook, StepTemplate } from '../../engine/runbook/types.ts'

const knowledge = gcloudKnowledge(undefined)
const head = { name: 'by-hand', title: 'By hand', schema: 'runbook.schema.json' }
const draft = (script: string) => draftRunbook(script, head, knowledge)

/** Drafts a runbook from a script and checks that it is valid. */
function runbookOf(script: string): Runbook {
  const reading = makeReader(runbookInterpreter(knowledge))({ name: 'by-hand.yaml', text: draft(script).text })
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  return reading.value
}

const stepsOf = (script: string): StepTemplate[] => runbookOf(script).steps
const onlyStep = (script: string) => stepsOf(script)[0] as GcloudStepTemplate

const region = '--region us-central1'

describe('a gcloud command becomes a step with observe and undo', () => {
  test('that sets the values of flags', () => {
    const step = onlyStep(
      `gcloud run services update web --project=acme ${region} --ingress all --no-invoker-iam-check -q`,
    )
    expect(step).toMatchObject({
      observe: { gcloud: ['run', 'services', 'describe', 'web', '--region', '${{ env.region }}'] },
      expect: { ingress: 'all', invokerCheck: false },
      apply: {
        gcloud: [
          'run',
          'services',
          'update',
          'web',
          '--region',
          '${{ env.region }}',
          '--ingress=all',
          '--no-invoker-iam-check',
        ],
      },
    })
    expect(step.undo).toEqual({
      gcloud: [
        ...['run', 'services', 'update', 'web', '--region', '${{ env.region }}', '--ingress=${{ before.ingress }}'],
        { flag: '--invoker-iam-check', on: '${{ before.invokerCheck }}' },
      ],
    })
  })

  test.each([
    ['projects add-iam-policy-binding acme', { granted: true }, 'remove-iam-policy-binding'],
    ['projects remove-iam-policy-binding acme', { granted: false }, 'add-iam-policy-binding'],
    [
      `run services add-iam-policy-binding web ${region} --project acme`,
      { granted: true },
      'remove-iam-policy-binding',
    ],
    ['secrets add-iam-policy-binding KEY --project acme', { granted: true }, 'remove-iam-policy-binding'],
  ])('that grants or removes a role: %s', (command, expected, opposite) => {
    const step = onlyStep(`gcloud ${command} --member=user:a@b.example --role=roles/viewer`)
    expect(step.expect).toEqual(expected)
    expect(step.undo).toMatchObject({ gcloud: expect.arrayContaining([opposite, '--role=roles/viewer']) })
  })

  test('that creates an account, or enables an API', () => {
    const [account, api] = stepsOf(
      'gcloud iam service-accounts create cr-web --project acme\ngcloud services enable run.googleapis.com',
    ) as GcloudStepTemplate[]
    expect(account?.undo).toMatchObject({
      gcloud: ['iam', 'service-accounts', 'delete', 'cr-web@${{ env.project }}.iam.gserviceaccount.com'],
    })
    expect(api?.undo).toMatchObject({ gcloud: ['services', 'disable', 'run.googleapis.com'] })
  })

  test('that adds a version of a secret: the value comes from the references, not from the script', () => {
    const { text } = draft('printf %s hunter2 | gcloud secrets versions add KEY --data-file=-')
    expect(text).not.toContain('hunter2')
    expect(stepsOf('printf %s hunter2 | gcloud secrets versions add KEY --data-file=-')[0]).toMatchObject({
      kind: 'secret',
    })
  })

  test('with places to fill in if it is not known', () => {
    const { text } = draft('gcloud secrets update KEY --update-labels=a=b')
    expect(text).toContain('# FILL IN: the values that show the effect')
    expect(onlyStep('gcloud secrets update KEY --update-labels=a=b').undo).toHaveProperty('cannotBeUndone')
  })
})

describe('what only a shell can evaluate', () => {
  test('project and region become those of the environment', () => {
    const script = `
      P=acme-prod; WHERE=europe-west1
      gcloud run services update "web-$P" --project "$P" --region=$WHERE --service-account="cr@\${P}.iam.gserviceaccount.com"`
    expect(onlyStep(script).apply?.gcloud).toEqual([
      ...['run', 'services', 'update', 'web-${{ env.project }}', '--region', '${{ env.region }}'],
      '--service-account=cr@${{ env.project }}.iam.gserviceaccount.com',
    ])
  })

  test('a variable becomes an input, with the script’s value as its default', () => {
    const runbook = runbookOf(`SERVICE=web\ngcloud run services update $SERVICE ${region} --ingress=\${MODE:-all}`)
    expect(runbook.inputs).toEqual({
      service: { type: 'string', default: 'web' },
      mode: { type: 'string', default: 'all' },
    })
  })

  test('a loop becomes a repeated step', () => {
    const runbook = runbookOf(`for s in web api\ndo\n gcloud run services update "$s" ${region} --ingress=all\ndone`)
    expect(runbook.steps[0]).toMatchObject({ forEach: { s: '${{ inputs.ss }}' } })
    expect(runbook.inputs.ss).toMatchObject({ default: ['web', 'api'] })
  })

  test('a command substitution becomes an input to fill in', () => {
    const { text } = draft(`gcloud run services update "$(pick web)" ${region} --ingress=all`)
    expect(text).toContain('FILL IN')
    expect(text).not.toContain('pick')
  })

  test.each([
    [
      'quotes',
      `gcloud iam service-accounts create 'cr-web' --display-name="The \\"web\\" account"`,
      '--display-name=The "web" account',
    ],
    [
      'a continued line',
      'gcloud iam service-accounts \\\n  create cr-web \\\n  --display-name=Web',
      '--display-name=Web',
    ],
    ['a comment', 'gcloud iam service-accounts create cr-web --display-name=Web # not --this', '--display-name=Web'],
    [
      'a redirection',
      'gcloud iam service-accounts create cr-web --display-name=Web >/dev/null 2>&1',
      '--display-name=Web',
    ],
    [
      'two commands on a line',
      'true && gcloud iam service-accounts create cr-web --display-name=Web; exit',
      '--display-name=Web',
    ],
  ])('%s is read like a shell does', (_, script, word) => {
    expect(onlyStep(script).apply?.gcloud).toEqual(['iam', 'service-accounts', 'create', 'cr-web', word])
  })

  test('a here-document is not read as commands', () => {
    expect(readScript('cat <<EOF\ngcloud projects delete acme\nEOF\ngcloud secrets list').commands).toHaveLength(1)
  })

  test('a conditional command is marked', () => {
    const { text } = draft('if test -f x; then gcloud iam service-accounts create cr-web; fi')
    expect(text).toContain('# FILL IN: the command was conditional')
  })
})

test.each([
  ['a reading command', 'gcloud run services list', 'it only reads'],
  ['a secret that is read', 'gcloud secrets versions access 1 --secret=KEY', 'it reads a secret'],
  ['another program', 'kubectl delete pod x', 'not a gcloud command'],
  ['a command that gcloud lacks', 'gcloud run services frob web', 'gcloud has no such command'],
  [
    'a value that may be secret',
    `gcloud run services update web ${region} --update-env-vars=PASSWORD=hunter2`,
    'it passes a value that can be a secret',
  ],
  [
    'a role with a condition',
    'gcloud projects add-iam-policy-binding p --member=user:a@b.c --role=roles/viewer --condition=expression=x',
    'conditional roles are not supported',
  ],
])('%s is skipped and reported with its line', (_, script, why) => {
  const made = draft(`# a script\n${script}`)
  expect(made.leftOut).toEqual([{ line: 2, why: expect.stringContaining(why) }])
  expect(made.steps).toBe(0)
  expect(made.text).not.toContain('hunter2')
})

/** Pieces of valid and broken scripts. */
const piece = fc.constantFrom(
  ...[
    '\ngcloud run services update $X --region r --ingress=all',
    '\ngcloud projects add-iam-policy-binding $PROJECT --member=$X --role="r$(y)"',
  ],
  ...[
    '\ngcloud services enable a.b',
    '\nfor x in a "${Y[@]}"; do gcloud secrets versions add $x',
    '\ngcloud secrets update K --update-labels=$X',
  ],
  ...[
    'gcloud',
    ' ',
    '\n',
    'run services update web',
    '--ingress=all',
    '--region us-central1',
    '--no-iap',
    'beta',
    '"',
    "'",
    '\\',
    '$',
    '${',
    '}',
    '$X',
    '${X[@]}',
  ],
  ...[
    '$(',
    ')',
    '`',
    '|',
    '&&',
    ';',
    '<<EOF',
    '>',
    '#',
    'for x in a b; do',
    'done',
    'if',
    'then',
    'fi',
    'X=1',
    'A=(a b)',
    'PROJECT=p',
    '--project $PROJECT',
  ],
  ...[
    'projects add-iam-policy-binding p',
    '--member=user:x',
    '--role=roles/viewer',
    'iam service-accounts create',
    'secrets versions add K',
    'services enable a.b',
    '${{ x }}',
    '}}',
    '\u0000',
    '😀',
    '__proto__',
  ],
)

test('any script results in a valid runbook or in no step', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const made = draft(pieces.join(' '))
      if (made.steps > 0) expect(readRunbook({ name: 'by-hand.yaml', text: made.text })).toMatchObject({ ok: true })
    }),
    { numRuns: 1000 },
  )
})
