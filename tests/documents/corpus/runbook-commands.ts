import type { Mistake } from './mistake.ts'

const read = '[run, services, describe, "${{ service }}", --region, "${{ env.region }}"]'
const apply =
  '[run, services, update, "${{ service }}", --region, "${{ env.region }}", --ingress=all, --no-invoker-iam-check]'
const update = '[run, services, update, "${{ service }}", --region, "${{ env.region }}"'
const create = '[iam, service-accounts, create, cr-web, --display-name=Website]'
const grant =
  '[projects, add-iam-policy-binding, "${{ env.project }}", "--member=serviceAccount:${{ identity.name }}", "--role=${{ role }}", --condition=None]'
const revoke =
  '[projects, remove-iam-policy-binding, "${{ env.project }}", "--member=serviceAccount:${{ identity.name }}", "--role=${{ role }}", --condition=None]'
const noIap = '[beta, run, services, update, "${{ service.name }}", --region, "${{ env.region }}", --no-iap]'
const policy = 'policy: [run, services, get-iam-policy,'

/** Mistakes in gcloud commands. */
export const COMMAND_MISTAKES: Mistake[] = [
  // Groups, commands, tracks.
  ['a command mistyped', read, read.replace('describe', '‸descrbe'), 'has no command `descrbe`'],
  ['a changing command mistyped', apply, apply.replace('update', '‸updat'), 'has no command `updat`'],
  ['a group mistyped', apply, apply.replace('services', '‸service'), '`gcloud run` has no command `service`'],
  ['the first group mistyped', create, create.replace('iam', '‸iams'), '`gcloud` has no command `iams`'],
  [
    'the group left out',
    apply,
    apply.replace('run, services, update', 'services, ‸update'),
    '`gcloud services` has no command `update`',
  ],
  [
    'the command left out',
    create,
    create.replace('service-accounts, create, cr-web', '‸service-accounts'),
    'is a group',
  ],
  ['a command that gcloud never had', create, create.replace('create', '‸ensure'), 'has no command `ensure`'],
  ['the word gcloud', create, create.replace('[iam', '[‸gcloud, iam'), 'the command starts after `gcloud`'],
  [
    'the GA track for a beta flag',
    noIap,
    noIap.replace('beta, ', '').replace('--no-iap', '‸--no-iap'),
    'has no flag `--no-iap`',
  ],
  ['a track that is none', noIap, noIap.replace('beta', '‸bta'), 'has no command `bta`'],
  ['the track in the middle', noIap, noIap.replace('beta, run', 'run, ‸beta'), 'has no command `beta`'],
  [
    'a flag before the command',
    create,
    create.replace('[iam', '[‸--verbosity=info, iam'),
    'a command starts with its group',
  ],
  [
    'a verb from a value',
    create,
    create.replace('create', '‸"${{ env.name }}"'),
    "a command's own words are written out",
  ],
  // Resources of other projects.
  [
    'a full resource name',
    read,
    read.replace('"${{ service }}"', '‸projects/other/services/web'),
    'could reach another project',
  ],
  [
    'a full resource name with a value in it',
    read,
    read.replace('"${{ service }}"', '"‸projects/other/services/${{ service }}"'),
    'could reach another project',
  ],
  [
    'a full resource name in a flag',
    apply,
    apply.replace('--ingress=all', '--service-account=‸projects/other/serviceAccounts/web'),
    'could reach another project',
  ],
  [
    'a full resource name behind a flag',
    apply,
    apply.replace('--ingress=all', '--service-account, ‸//iam.googleapis.com/projects/other/serviceAccounts/web'),
    'could reach another project',
  ],
  [
    'a value that the inventory makes a path of',
    read,
    read.replace('"${{ service }}"', `‸"\${{ 'services/' + service }}"`),
    'an id cannot contain a slash: "services/frontend-app", as `dev` binds it',
  ],
  [
    'a default that is a path',
    "default: ${{ env.services.filter(s, s.posture == 'public').map(s, s.name) }}",
    'default: [services/web]',
    'an id cannot contain a slash: "services/web", as `dev` binds it',
    '26:41',
  ],
  [
    'a value that the inventory makes a flag of',
    read,
    read.replace('"${{ service }}"', `‸"\${{ '-' + service }}"`),
    'it would be read as a flag: "-frontend-app", as `dev` binds it',
  ],
  // Flags.
  ['a flag mistyped', apply, apply.replace('--ingress', '‸--ingres'), 'has no flag `--ingres`'],
  ['two letters swapped', apply, apply.replace('--ingress', '‸--ingerss'), 'has no flag `--ingerss`'],
  [
    'a negated flag mistyped',
    apply,
    apply.replace('--no-invoker-iam-check', '‸--no-invoker-check'),
    'has no flag `--no-invoker-check`',
  ],
  [
    'an underscore in a flag',
    apply,
    apply.replace('--no-invoker-iam-check', '‸--no_invoker_iam_check'),
    'has no flag `--no_invoker_iam_check`',
  ],
  ['a flag of another command', create, create.replace('--display-name', '‸--ingress'), 'has no flag `--ingress`'],
  ["a flag of another command's", read, read.replace(']', ', ‸--ingress=all]'), 'has no flag `--ingress`'],
  [
    'a flag as terraform writes it',
    create,
    create.replace('--display-name', '‸--display_name'),
    'has no flag `--display_name`',
  ],
  ['a flag that only kubectl has', read, read.replace('--region,', '‸--namespaces,'), 'has no flag `--namespaces`'],
  ['a yes-or-no flag mistyped', '{ flag: --iap,', '{ flag: ‸--ipa,', 'has no flag `--ipa`'],
  [
    'a yes-or-no flag of the wrong track',
    '"${{ service.name }}", --region, "${{ env.region }}", { flag: --iap',
    '"${{ service.name }}", --region, "${{ env.region }}", { flag: ‸--iap2',
    'has no flag `--iap2`',
  ],
  ['a yes-or-no flag that takes a value', '{ flag: --iap,', '{ flag: ‸--ingress,', 'takes a value'],
  ['a flag without a value', apply, apply.replace('--ingress=all', '‸--ingress'), 'needs a value'],
  [
    'the last flag without a value',
    read,
    read.replace('--region, "${{ env.region }}"]', '‸--region]'),
    '`--region` needs a value',
  ],
  [
    'a value for a flag that takes none',
    apply,
    apply.replace('--no-invoker-iam-check', '‸--no-invoker-iam-check=true'),
    'takes no value',
  ],
  ['a yes-or-no flag set to false', noIap, noIap.replace('--no-iap', '‸--iap=false'), 'takes no value'],
  ['a value that there is not', apply, apply.replace('--ingress=all', '--ingress=‸public'), "can't be `public`"],
  [
    'a value mistyped',
    apply,
    apply.replace('--ingress=all', '--ingress=‸internal-and-loadbalancing'),
    "can't be `internal-and-loadbalancing`",
  ],
  ['a value in capitals', apply, apply.replace('--ingress=all', '--ingress=‸All'), "can't be `All`"],
  ['an empty value', apply, apply.replace('--ingress=all', '‸--ingress='), "can't be empty"],
  [
    'a flag and its contrary',
    apply,
    apply.replace('--no-invoker-iam-check', '--no-invoker-iam-check, ‸--invoker-iam-check'),
    'is given twice',
  ],
  ['a flag twice', apply, apply.replace('--ingress=all', '--ingress=all, ‸--ingress=internal'), 'is given twice'],
  ['the region twice', read, read.replace(']', ', ‸--region=us-east1]'), 'is given twice'],
  ['no region', read, '[run, services, ‸describe, "${{ service }}"]', 'needs `--region`'],
  [
    'no region in a change',
    apply,
    apply.replace('update', '‸update').replace(' --region, "${{ env.region }}",', ''),
    'needs `--region`',
  ],
  [
    'no region in a policy',
    `${policy} "\${{ service.name }}", --region, "\${{ env.region }}"]`,
    'policy: [run, services, ‸get-iam-policy, "${{ service.name }}"]',
    'needs `--region`',
  ],
  [
    'a required flag left out',
    grant,
    grant.replace('add-iam', '‸add-iam').replace('"--role=${{ role }}", ', ''),
    'needs `--role`',
  ],
  [
    'the member left out',
    grant,
    grant.replace('add-iam', '‸add-iam').replace('"--member=serviceAccount:${{ identity.name }}", ', ''),
    'needs `--member`',
  ],
  ['the name left out', create, create.replace('create, cr-web', '‸create'), 'needs a word after it'],
  ['the service left out', apply, apply.replace('update, "${{ service }}"', '‸update'), 'needs a word after it'],
  ['a word too many', create, create.replace('cr-web', 'cr-web, ‸cr-api'), 'takes one word beside its flags'],
  ['a value without its flag', apply, apply.replace('--ingress=all', '‸all'), 'takes one word beside its flags'],
  [
    "a flag's hyphens forgotten",
    apply,
    apply.replace('--ingress=all', '‸ingress=all'),
    'takes one word beside its flags',
  ],
  // What the engine owns.
  ['--project', read, read.replace(']', ', ‸--project=acme-prod]'), "`--project` is the engine's own flag"],
  ['--format', read, read.replace(']', ', ‸--format=json]'), "`--format` is the engine's own flag"],
  ['--quiet', apply, apply.replace(']', ', ‸--quiet]'), "`--quiet` is the engine's own flag"],
  ['--async', apply, apply.replace(']', ', ‸--async]'), "`--async` is the engine's own flag"],
  ['another account', read, read.replace(']', ', ‸--account=me@example.com]'), "`--account` is the engine's own flag"],
  ['an impersonation', apply, apply.replace(']', ', ‸--impersonate-service-account=x]'), "is the engine's own flag"],
  // Reading and changing.
  ['a change under observe', `gcloud: ${read}`, `gcloud: ‸${update}, --ingress=all]`, 'is not known to only read'],
  [
    'a deletion under observe',
    `gcloud: ${read}`,
    'gcloud: ‸[run, services, delete, web, --region=x]',
    'is not known to only read',
  ],
  ['a secret printed', `gcloud: ${read}`, 'gcloud: ‸[secrets, versions, access, "1", --secret=API_KEY]', 'secret'],
  ['a change in an http check', `from: ${read}`, `from: ‸${update}, --ingress=all]`, 'is not known to only read'],
  [
    'a change in a named read',
    `${policy} "\${{ service.name }}", --region, "\${{ env.region }}"]`,
    'policy: ‸[run, services, set-iam-policy, x, y, --region=x]',
    'is not known to only read',
  ],
  // Habits of the shell.
  ['a pipe', read, read.replace(']', ', "‸|", head]'), 'no shell reads `|`'],
  ['a redirection', read, read.replace(']', ', "‸>", out.json]'), 'no shell reads `>`'],
  ['an and', create, create.replace(']', ', "‸&&", run]'), 'no shell reads `&&`'],
  ["the shell's variable", create, create.replace('cr-web', '"‸$ACCOUNT"'), 'no shell fills `$ACCOUNT` in'],
  [
    "the shell's variable in braces",
    read,
    read.replace('"${{ service }}"', '"‸${SERVICE}"'),
    'no shell fills `${SERVICE}` in',
  ],
  ['one brace', read, read.replace('"${{ env.region }}"', '"‸${ env.region }"'), 'this is not filled in'],
  ['no dollar', read, read.replace('"${{ service }}"', '"‸{{ service }}"'), 'this is not filled in'],
  ['a command in a word', create, create.replace('cr-web', '"‸$(whoami)"'), 'no shell runs a command'],
  [
    'two words in one',
    read,
    read.replace('--region, "${{ env.region }}"', '"‸--region us-central1"'),
    'these are two words',
  ],
  [
    'all words in one',
    create,
    '["‸iam service-accounts create", cr-web, --display-name=Website]',
    'these are several words',
  ],
  [
    'quotes within quotes',
    create,
    create.replace('--display-name=Website', `'‸--display-name="Website"'`),
    'no shell takes these quotes away',
  ],
  ['a line break', create, create.replace('cr-web', '‸"cr-web\\n"'), 'a word of a command is one line'],
  [
    "a flag's name from a value",
    create,
    create.replace('--display-name=Website', '‸"--${{ env.name }}"'),
    "a flag's name is written out",
  ],
  // Effects and undo.
  [
    'an undo that forgets a field',
    '        - --ingress=${{ before.ingress }}\n        - {',
    '        - {',
    'does not restore `ingress`',
    '35:9',
  ],
  [
    'an undo that forgets the other field',
    '        - { flag: --invoker-iam-check, on: "${{ before.invokerCheck }}" }\n',
    '',
    'does not restore `invokerCheck`',
    '35:9',
  ],
  ['an undo that does the same again', '- --ingress=${{ before.ingress }}', '- ‸--ingress=all', 'takes nothing back'],
  [
    'an undo of another account',
    'undo: { cannotBeUndone: An account that was deleted by mistake comes back as another one. }',
    'undo: { gcloud: [iam, service-accounts, ‸delte, cr-web] }',
    'has no command `delte`',
  ],
  [
    'an undo of another role',
    revoke,
    revoke.replace('"--role=${{ role }}"', '‸--role=roles/viewer'),
    'the undo is about `--role=roles/viewer`',
  ],
  [
    'an undo of another member',
    revoke,
    revoke.replace('"--member=serviceAccount:${{ identity.name }}"', '‸--member=user:a@example.com'),
    'the undo is about `--member=user:a@example.com`',
  ],
  [
    'an apply that forgets a field',
    apply,
    apply.replace(', --no-invoker-iam-check', ''),
    '`apply` does not set `invokerCheck`',
    '30:29',
  ],
  [
    'an apply of what is not observed',
    "        ingress: ${{ result.metadata.?annotations[?'run.googleapis.com/ingress'].orValue('all') }}\n",
    '        ingress: ${{ result.metadata.name }}\n',
    'nothing under `select` looks at what `--ingress` changes',
    '32:88',
  ],
  [
    'a change that no value is kept of',
    apply,
    apply.replace(']', ', ‸--min-instances=1]'),
    'nothing under `select` looks at what `--min-instances` changes',
  ],
]
