import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { findText, readFile } from '../../engine/in-force/out-of-force.ts'
import { type BackfillPoint, compareFile } from '../../engine/plan/backfill.ts'
import { finish, folderOf, main } from '../incident/cli.ts'

vi.setConfig({ testTimeout: 900_000 })

const workflow = (run: string) =>
  `jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Deploy\n${run}`

/** A file in which WANTED is not in force, and the lines on which it appears. */
const OUT: [what: string, file: string, content: string, lines: number[]][] = [
  ['a YAML comment', 'app.yaml', 'a: 1\n# WANTED\nb: 2 # WANTED\n', [2, 3]],
  ['a comment on the header of a block', 'app.yaml', 'a: | # WANTED\n  text\n', [1]],
  [
    'a comment of a script in a workflow',
    '.github/workflows/d.yml',
    workflow(
      '        run: |\n          gcloud run deploy x \\\n            # WANTED \\\n          echo "ok" # WANTED\n',
    ),
    [8, 9],
  ],
  [
    'a comment of a folded script, which goes on over its lines',
    'ci.yml',
    'run: >\n  gcloud run deploy x # as before\n  WANTED\n',
    [3],
  ],
  ['a comment of a script in double quotes', 'ci.yml', 'run: "echo \\"a\\"\\n# WANTED\\necho \\x41"\n', [1]],
  ['a comment of a script in single quotes', 'ci.yml', "run: 'echo ''a'' # WANTED'\n", [1]],
  [
    'a comment of a line of a GitLab script',
    '.gitlab-ci.yml',
    'deploy:\n  script:\n    - echo a\n    - "echo b # WANTED"\n',
    [4],
  ],
  ['a comment of what sh -c is given', 'pod.yaml', 'command: [sh, -c, "echo a # WANTED"]\n', [1]],
  ['a comment of a script in a ConfigMap', 'map.yaml', 'data:\n  start.sh: |\n    echo a\n    # WANTED\n', [4]],
  [
    'a comment of JavaScript in a workflow',
    '.github/workflows/d.yml',
    workflow(
      '        uses: actions/github-script@v7\n        with:\n          script: |\n            run() // WANTED\n',
    ),
    [9],
  ],
  [
    'a comment of PowerShell in a workflow',
    '.github/workflows/d.yml',
    workflow('        shell: pwsh\n        run: |\n          <# WANTED\n          #>\n          Run\n'),
    [8],
  ],
  ['a comment in a file that is not valid YAML', 'chart.yaml', 'a: {{ .Values.a }}\n# WANTED\nb: [\n', [2]],
  ['a shell comment', 'a.sh', '#!/bin/sh\necho a # WANTED\n#WANTED\n', [2, 3]],
  ['a comment of a substitution', 'a.sh', 'x="$(gcloud run services list # WANTED\n)"\n', [1]],
  ['a comment in an array', 'a.sh', 'ARGS=(\n  --a\n  # WANTED\n)\n', [3]],
  ['a comment after a here-document starts', 'a.sh', 'cat <<EOF # WANTED\n# text\nEOF\n', [1]],
  [
    'a comment after a here-document with an indented delimiter in it',
    'a.sh',
    'cat <<EOF\n  EOF\n# text\nEOF\n# WANTED\n',
    [5],
  ],
  ['a here-document that nothing reads', 'a.sh', ": <<'NOTE'\nWANTED\nNOTE\n", [2]],
  [
    'what is under if false',
    'a.sh',
    'if false; then\n  gcloud WANTED\n  if true; then b; fi\n  WANTED\nelse\n  c\nfi\n',
    [2, 4],
  ],
  ['a script without an extension', 'deploy', '#!/usr/bin/env bash\n# WANTED\n', [2]],
  ['a comment line inside a continued instruction', 'Dockerfile', 'FROM a\nRUN b \\\n  # WANTED\n  c\n', [3]],
  ['a shell comment that takes the continued lines along', 'Dockerfile', 'FROM a\nRUN b # c \\\n  WANTED\n', [3]],
  ['a comment of a script in a Dockerfile', 'build/Dockerfile.prod', 'RUN <<EOF\n# WANTED\nEOF\n', [2]],
  ['comments of JSON', 'a.json', '{ // WANTED\n"a": 1, /* x\nWANTED */ "b": "//" }\n', [1, 3]],
  ['comments of Terraform', 'main.tf', 'a = "${f("x # y")}" # WANTED\n// WANTED\n/*\nWANTED */\n', [1, 2, 4]],
  ['comments of .env', '.env.prod', '# WANTED\nA=b # WANTED\n', [1, 2]],
  ['comments and documentation of Python', 'a.py', '"""WANTED"""\ndef f():\n    # WANTED\n    return "#"\n', [1, 3]],
  [
    'comments of TypeScript',
    'a.ts',
    'const a = `${b /* WANTED */}` // WANTED\nconst c = /[/"]/ /* WANTED */\n',
    [1, 2],
  ],
  ['comments of Go', 'a.go', 'x := `//`\n// WANTED\n', [2]],
  ['comments of TOML', 'a.toml', "a = '\\' # WANTED\n", [1]],
  ['comments of Markdown', 'a.md', 'a\n\n<!-- WANTED\n-->\n\n[//]: # (WANTED)\n', [3, 6]],
  ['comments of HTML', 'a.html', '<p>a</p><!-- WANTED -->\n', [1]],
  [
    'a job that never runs',
    '.github/workflows/d.yml',
    'jobs:\n  a:\n    if: false\n    steps:\n      - run: WANTED\n',
    [5],
  ],
  [
    'a step that never runs',
    '.github/workflows/d.yml',
    workflow('        if: ${{ false && inputs.x }}\n        run: |\n          WANTED\n'),
    [8],
  ],
  [
    'a step of an action that never runs',
    'deploy/action.yml',
    'runs:\n  steps:\n    - run: WANTED\n      if: "${{ false }}"\n',
    [3],
  ],
]

test.each(OUT)('%s is not in force', async (_, file, content, lines) => {
  for (const text of [content, content.replaceAll('\n', '\r\n'), `\ufeff${content}`]) {
    const found = findText(await readFile(file, text), 'WANTED')
    expect(found.inForce).toBe(false)
    expect(found.elsewhere.flatMap((each) => each.lines)).toEqual(lines)
  }
})

const IN: [what: string, file: string, content: string][] = [
  ['a text in quotes with a # in it', 'a.yaml', 'a: "# WANTED"\n'],
  ['a # in the middle of a YAML text', 'a.yaml', 'a: b#WANTED\n'],
  ['a line of a text that is no script', 'a.yaml', 'description: |\n  # WANTED\n'],
  ['a # in quotes of a script', 'ci.yml', 'run: |\n  echo "# WANTED"\n  echo \'\n  # WANTED\'\n'],
  ['a # in the middle of a word', 'a.sh', 'echo a#WANTED ${#WANTED} $#WANTED\n'],
  ['a # behind a backslash', 'a.sh', 'echo \\# WANTED\n'],
  ['a line of a here-document', 'a.sh', 'cat > app.conf <<EOF\n# WANTED\nEOF\n'],
  ['a line of the second here-document', 'a.sh', 'cat <<A <<-B\nA\n# WANTED\n\tB\n'],
  ["what follows $'\\''", 'a.sh', "echo $'\\'' '# WANTED'\n"],
  ['what follows a shift', 'a.sh', 'x=$((1 << 3))\n((y << 2))\nWANTED\n'],
  ['what follows a case in a substitution', 'a.sh', 'x=$(case $1 in a) b;; esac)\nWANTED "$(echo ")" # c\n)"\n'],
  ['what is under if false || true', 'a.sh', 'if false || true; then\n  WANTED\nfi\n'],
  ['the else of if false', 'a.sh', 'if false; then\n  a\nelse\n  WANTED\nfi\n'],
  ['what the null command assigns', 'a.sh', ': "${A:=WANTED}"\n'],
  ['the first line of a script', 'a.sh', '#!/bin/WANTED\n'],
  ['a # of a Dockerfile that is no comment', 'Dockerfile', 'ENV a="# WANTED"\nRUN ["#", "# WANTED"]\n'],
  ['the escape of a Dockerfile', 'Dockerfile', '# escape=`\nFROM WANTED\n'],
  ['a # in a Terraform text', 'main.tf', 'a = "# WANTED"\nb = <<-EOT\n  # WANTED\nEOT\n'],
  ['a // in a JavaScript text', 'a.mjs', 'a("https://WANTED")\n'],
  ['what follows a regular expression with quotes', 'a.js', 'a = b.replace(/"\\/*/, 1); WANTED\n'],
  ['a text of Python that is used', 'a.py', 'f(\n  """\n# WANTED\n""")\n'],
  ['a value in quotes of .env', '.env', 'A="b # WANTED"\n'],
  ['a comment in code of Markdown', 'a.md', '```html\n<!-- WANTED -->\n```\n'],
  [
    'a job whose condition only may be false',
    '.github/workflows/d.yml',
    'jobs:\n  a:\n    if: ${{ false }} && WANTED\n    steps:\n      - run: WANTED\n',
  ],
  [
    'a job with a condition',
    '.github/workflows/d.yml',
    'jobs:\n  a:\n    if: ${{ false || inputs.x }}\n    steps:\n      - run: WANTED\n',
  ],
  ['a value called if elsewhere', 'app.yaml', 'jobs:\n  a:\n    if: false\n    b: WANTED\n'],
]

test.each(IN)('%s is in force', async (_, file, content) => {
  for (const text of [content, content.replaceAll('\n', '\r\n')])
    expect(findText(await readFile(file, text), 'WANTED')).toMatchObject({ inForce: true })
})

const held = (holds: BackfillPoint['holds'], file: string, content: string | undefined) =>
  compareFile({ runbook: 'r', file, says: 'It holds.', holds }, content)

test('an unwanted text can appear in a comment, and is reported otherwise', async () => {
  const without = { without: '--allow-unauthenticated' }
  expect(await held(without, 'a.sh', 'deploy\n')).toEqual({ holds: true, readAs: 'shell', elsewhere: [] })
  expect(await held(without, 'a.sh', '# never --allow-unauthenticated\n')).toEqual({
    holds: true,
    readAs: 'shell',
    elsewhere: [{ why: 'comment', lines: [1] }],
  })
  expect(await held(without, 'a.sh', 'deploy --allow-unauthenticated # --allow-unauthenticated\n')).toMatchObject({
    holds: false,
    elsewhere: [],
  })
  expect(await held(without, 'a.sh', undefined)).toEqual({ holds: false, elsewhere: [] })
})

test('a value at a path counts only in force; a comment or a job that never runs is reported', async () => {
  const region = { yaml: ['env', 'REGION'], value: 'us-central1' }
  expect(await held(region, 'a.yml', 'env:\n  REGION: us-central1\n')).toMatchObject({ holds: true })
  expect(await held(region, 'a.yml', 'env:\n  # REGION: us-central1\n  A: b\n')).toEqual({
    holds: false,
    readAs: 'yaml',
    elsewhere: [{ why: 'comment', lines: [2] }],
  })
  const run = { yaml: ['jobs', 'a', 'steps', 0, 'run'], value: 'x' }
  expect(
    await held(run, '.github/workflows/a.yml', 'jobs:\n  a:\n    if: false\n    steps:\n      - run: x\n'),
  ).toEqual({
    holds: false,
    readAs: 'yaml',
    elsewhere: [{ why: 'switched-off', lines: [5] }],
  })
})

test('an unknown kind of file is read as plain text', async () => {
  expect(await held({ text: 'pinned' }, 'CODEOWNERS', '# pinned\n')).toEqual({
    holds: true,
    readAs: 'plain',
    elsewhere: [],
  })
})

test('reading never fails or hangs: deep nesting, nested aliases, an empty text', async () => {
  const deep = `${'['.repeat(20_000)}\n# WANTED\n`
  const bomb = `${Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}, `.repeat(9)}]`).join('\n')}\n`
  for (const [file, text] of [
    ['a.yaml', deep],
    ['a.yaml', bomb],
    ['a.sh', '$('.repeat(20_000)],
    ['a.ts', '`${'.repeat(20_000)],
    ['a.tf', '"${'.repeat(20_000)],
    ['a.md', '> '.repeat(5_000)],
  ] as const)
    expect(findText(await readFile(file, text), 'nowhere').inForce).toBe(false)
  expect(await held({ yaml: ['a11', 0], value: 'x' }, 'a.yaml', bomb)).toMatchObject({ holds: false })
  expect(await held({ text: '' }, 'a.sh', '# a\n')).toMatchObject({ holds: true })
})

const folder = mkdtempSync(join(tmpdir(), 'breakglass-in-force-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('run, check and record report what is only in comments, was read as plain text, or never runs', async () => {
  const files = {
    'deploy/prod.sh': 'gcloud run deploy web\n# --ingress=all\n',
    'deploy/rules': '# --ingress=all\n',
    '.github/workflows/prod.yml': 'jobs:\n  a:\n    if: false\n    steps:\n      - run: deploy --ingress=all\n',
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'app', file)), { recursive: true })
    writeFileSync(join(folder, 'app', file), text)
  }
  const git = (...argv: string[]) =>
    execFileSync('git', ['-C', join(folder, 'app'), '-c', 'user.name=A', '-c', 'user.email=a@example.test', ...argv], {
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: 'ignore',
    })
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '-m', 'all')
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
  symlinkSync(join(folderOf('git'), 'git'), join(folder, 'bin/git'))
  const environment = {
    PATH: join(folder, 'bin'),
    HOME: folder,
    LANG: 'C.UTF-8',
    BREAKGLASS_LOCKS: join(folder, 'locks'),
  }
  const breakglass = (at: string, ...argv: string[]) =>
    finish([process.execPath, main, ...argv], join(folder, at), environment)
  await breakglass('.', 'init', 'ws')
  const points = Object.keys(files).map((file) => ({
    file,
    points: [
      { says: `Opens ${file}.`, text: '--ingress=all' },
      { says: `Closes ${file}.`, without: '--ingress=all' },
    ],
  }))
  const runbook = join(folder, 'ws/runbooks/public-service.yaml')
  writeFileSync(runbook, `${readFileSync(runbook, 'utf8')}backfill: ${JSON.stringify(points)}\n`)
  const where = ['public-service', '--env', 'prod', '--sandbox', 'first-rehearsal', '--repo', '../app']
  const sentences = [
    ['owed', 'Opens deploy/prod.sh. (not found in force: only in comments, line 2)'],
    ['implemented', 'Closes deploy/prod.sh. (not in force: only in comments, line 2)'],
    ['implemented', 'Opens deploy/rules. (read as plain text, so comments count)'],
    ['owed', 'Closes deploy/rules. (read as plain text, so comments count)'],
    [
      'owed',
      'Opens .github/workflows/prod.yml. (not found in force: only in a part that never runs (`if: false`), line 5)',
    ],
    [
      'implemented',
      'Closes .github/workflows/prod.yml. (not in force: only in a part that never runs (`if: false`), line 5)',
    ],
  ]
  const checked = await breakglass('ws', 'check', ...where, '--json')
  const { backfill } = JSON.parse(checked.stdout) as { backfill: object[] }
  expect(backfill[0]).toMatchObject({ readAs: 'shell', elsewhere: [{ why: 'comment', lines: [2] }] })
  expect(backfill[2]).toMatchObject({ status: 'implemented', readAs: 'plain' })
  for (const [status, says] of sentences) if (status === 'owed') expect(checked.stderr).toContain(`owed: ${says}`)

  const ran = await breakglass('ws', 'run', ...where, '--incident', 'INC-1', '--reason', 'r', '--yes')
  for (const [status = '', says] of sentences)
    expect(ran.stdout.split('\n').filter((line) => line.startsWith(status) && line.endsWith(`: ${says}`))).toHaveLength(
      1,
    )
  const record = readFileSync(join(folder, 'ws/logs/INC-1/record.md'), 'utf8').replaceAll(/[\\`]/g, '')
  for (const [, says = ''] of sentences) expect(record).toContain(says.replaceAll('`', ''))
  expect((await breakglass('ws', 'audit', 'verify', 'INC-1')).exit).toBe(0)
})
