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
    'is a command group',
  ],
  ['a command that gcloud never had', create, create.replace('create', '‸ensure'), 'has no command `ensure`'],
  ['the word gcloud', create, create.replace('[iam', '[‸gcloud, iam'), 'a command does not include `gcloud` itself'],
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
    'a command must start with its group',
  ],
  [
    'a verb from a value',
    create,
    create.replace('create', '‸"${{ env.name }}"'),
    'a command name cannot be an expression',
  ],
  // Resources of other projects.
  [
    'a full resource name',
    read,
    read.replace('"${{ service }}"', '‸projects/other/services/web'),
    'can refer to another project',
  ],
  [
    'a full resource name with a value in it',
    read,
    read.replace('"${{ service }}"', '"‸projects/other/services/${{ service }}"'),
    'can refer to another project',
  ],
  [
    'a full resource name in a flag',
    apply,
    apply.replace('--ingress=all', '--service-account=‸projects/other/serviceAccounts/web'),
    'can refer to another project',
  ],
  [
    'a full resource name behind a flag',
    apply,
    apply.replace('--ingress=all', '--service-account, ‸//iam.googleapis.com/projects/other/serviceAccounts/web'),
    'can refer to another project',
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
  [
    'a value that there is not',
    apply,
    apply.replace('--ingress=all', '--ingress=‸public'),
    '`public` is not a valid value',
  ],
  [
    'a value mistyped',
    apply,
    apply.replace('--ingress=all', '--ingress=‸internal-and-loadbalancing'),
    '`internal-and-loadbalancing` is not a valid value',
  ],
  ['a value in capitals', apply, apply.replace('--ingress=all', '--ingress=‸All'), '`All` is not a valid value'],
  ['an empty value', apply, apply.replace('--ingress=all', '‸--ingress='), 'cannot be empty'],
  [
    'a flag and its contrary',
    apply,
    apply.replace('--no-invoker-iam-check', '--no-invoker-iam-check, ‸--invoker-iam-check'),
    'duplicate flag',
  ],
  ['a flag twice', apply, apply.replace('--ingress=all', '--ingress=all, ‸--ingress=internal'), 'duplicate flag'],
  ['the region twice', read, read.replace(']', ', ‸--region=us-east1]'), 'duplicate flag'],
  ['no region', read, '[run, services, ‸describe, "${{ service }}"]', 'requires `--region`'],
  [
    'no region in a change',
    apply,
    apply.replace('update', '‸update').replace(' --region, "${{ env.region }}",', ''),
    'requires `--region`',
  ],
  [
    'no region in a policy',
    `${policy} "\${{ service.name }}", --region, "\${{ env.region }}"]`,
    'policy: [run, services, ‸get-iam-policy, "${{ service.name }}"]',
    'requires `--region`',
  ],
  [
    'a required flag left out',
    grant,
    grant.replace('add-iam', '‸add-iam').replace('"--role=${{ role }}", ', ''),
    'requires `--role`',
  ],
  [
    'the member left out',
    grant,
    grant.replace('add-iam', '‸add-iam').replace('"--member=serviceAccount:${{ identity.name }}", ', ''),
    'requires `--member`',
  ],
  ['the name left out', create, create.replace('create, cr-web', '‸create'), 'requires a positional argument'],
  [
    'the service left out',
    apply,
    apply.replace('update, "${{ service }}"', '‸update'),
    'requires a positional argument',
  ],
  ['a word too many', create, create.replace('cr-web', 'cr-web, ‸cr-api'), 'takes one positional argument'],
  ['a value without its flag', apply, apply.replace('--ingress=all', '‸all'), 'takes one positional argument'],
  [
    "a flag's hyphens forgotten",
    apply,
    apply.replace('--ingress=all', '‸ingress=all'),
    'takes one positional argument',
  ],
  // Reserved flags.
  ['--project', read, read.replace(']', ', ‸--project=acme-prod]'), '`--project` is reserved for Breakglass'],
  ['--format', read, read.replace(']', ', ‸--format=json]'), '`--format` is reserved for Breakglass'],
  ['--quiet', apply, apply.replace(']', ', ‸--quiet]'), '`--quiet` is reserved for Breakglass'],
  ['--async', apply, apply.replace(']', ', ‸--async]'), '`--async` is reserved for Breakglass'],
  [
    'another account',
    read,
    read.replace(']', ', ‸--account=me@example.com]'),
    '`--account` is reserved for Breakglass',
  ],
  ['an impersonation', apply, apply.replace(']', ', ‸--impersonate-service-account=x]'), 'is reserved for Breakglass'],
  // Reading and changing.
  ['a change under observe', `gcloud: ${read}`, `gcloud: ‸${update}, --ingress=all]`, 'is not a read-only command'],
  [
    'a deletion under observe',
    `gcloud: ${read}`,
    'gcloud: ‸[run, services, delete, web, --region=x]',
    'is not a read-only command',
  ],
  ['a secret printed', `gcloud: ${read}`, 'gcloud: ‸[secrets, versions, access, "1", --secret=API_KEY]', 'secret'],
  ['a change in an http check', `from: ${read}`, `from: ‸${update}, --ingress=all]`, 'is not a read-only command'],
  [
    'a change in a named read',
    `${policy} "\${{ service.name }}", --region, "\${{ env.region }}"]`,
    'policy: ‸[run, services, set-iam-policy, x, y, --region=x]',
    'is not a read-only command',
  ],
  // Shell syntax.
  ['a pipe', read, read.replace(']', ', "‸|", head]'), '`|` is shell syntax'],
  ['a redirection', read, read.replace(']', ', "‸>", out.json]'), '`>` is shell syntax'],
  ['an and', create, create.replace(']', ', "‸&&", run]'), '`&&` is shell syntax'],
  ["the shell's variable", create, create.replace('cr-web', '"‸$ACCOUNT"'), '`$ACCOUNT` is a shell variable'],
  [
    "the shell's variable in braces",
    read,
    read.replace('"${{ service }}"', '"‸${SERVICE}"'),
    '`${SERVICE}` is a shell variable',
  ],
  ['one brace', read, read.replace('"${{ env.region }}"', '"‸${ env.region }"'), 'an expression needs two braces'],
  ['no dollar', read, read.replace('"${{ service }}"', '"‸{{ service }}"'), 'an expression starts with `$`'],
  ['a command in a word', create, create.replace('cr-web', '"‸$(whoami)"'), 'command substitution is shell syntax'],
  [
    'two words in one',
    read,
    read.replace('--region, "${{ env.region }}"', '"‸--region us-central1"'),
    'this item contains two arguments',
  ],
  [
    'all words in one',
    create,
    '["‸iam service-accounts create", cr-web, --display-name=Website]',
    'this item contains several arguments',
  ],
  [
    'quotes within quotes',
    create,
    create.replace('--display-name=Website', `'‸--display-name="Website"'`),
    'these quotes become part of the argument',
  ],
  ['a line break', create, create.replace('cr-web', '‸"cr-web\\n"'), 'an argument must be a single line'],
  [
    "a flag's name from a value",
    create,
    create.replace('--display-name=Website', '‸"--${{ env.name }}"'),
    'a flag name cannot contain an expression',
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
  [
    'an undo that does the same again',
    '- --ingress=${{ before.ingress }}',
    '- ‸--ingress=all',
    'to the same value as `apply`',
  ],
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
    '`undo` targets `--role=roles/viewer`',
  ],
  [
    'an undo of another member',
    revoke,
    revoke.replace('"--member=serviceAccount:${{ identity.name }}"', '‸--member=user:a@example.com'),
    '`undo` targets `--member=user:a@example.com`',
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
    'nothing in `select` reads what `--ingress` changes',
    '32:88',
  ],
  [
    'a change that no value is kept of',
    apply,
    apply.replace(']', ', ‸--min-instances=1]'),
    'nothing in `select` reads what `--min-instances` changes',
  ],
]
