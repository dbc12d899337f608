import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { own } from '../base/own.ts'

/** How to start a shell whose prompt shows where it is: its argv and its additional variables. */
export type PromptedShell = { argv: string[]; environment: Record<string, string> }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Makes an interactive shell show a text in its prompt, after the person's own startup files; `folder` holds the files for
 * this. Any other command, and a shell that runs a script, is left as it is.
 */
export async function withPrompt(
  argv: string[],
  text: string,
  folder: string,
  environment: Environment,
): Promise<PromptedShell> {
  const [shell = '', ...options] = argv
  const kind = own(SHELLS, basename(shell).replace(/^-/, ''))
  if (kind === undefined || !options.every((option) => /^(-[il]+|--login|--interactive)$/.test(option)))
    return { argv, environment: {} }
  await mkdir(folder, { recursive: true })
  return kind({ shell, options, prompt: `[${text.replaceAll(/[^\w.:-]/g, ' ')}] `, folder, environment })
}

type Given = { shell: string; options: string[]; prompt: string; folder: string; environment: Environment }

/** The supported shells, by name. */
const SHELLS: Record<string, (given: Given) => Promise<PromptedShell>> = {
  bash: promptBash,
  zsh: promptZsh,
  fish: promptFish,
  ...Object.fromEntries(['sh', 'dash', 'ash', 'ksh', 'mksh'].map((name) => [name, promptPosix])),
}

const isLogin = (options: string[]): boolean => options.some((option) => option === '--login' || /^-i*l/.test(option))

/** Prepends the text before each prompt, since a prompt may be rebuilt every time. */
async function promptBash({ shell, options, prompt, folder }: Given): Promise<PromptedShell> {
  const file = join(folder, 'bashrc')
  // A login shell doesn't read --rcfile, so this file reads what it would have read.
  const own = isLogin(options)
    ? '[ -r /etc/profile ] && . /etc/profile\nfor file in ~/.bash_profile ~/.bash_login ~/.profile; do [ -r "$file" ] && { . "$file"; break; }; done'
    : '[ -r ~/.bashrc ] && . ~/.bashrc'
  await writeFile(
    file,
    `${own}
__breakglass_prompt() { case "$PS1" in '${prompt}'*) ;; *) PS1='${prompt}'"$PS1" ;; esac; }
case "$(declare -p PROMPT_COMMAND 2>/dev/null)" in
  'declare -a'*) PROMPT_COMMAND+=(__breakglass_prompt) ;;
  *) PROMPT_COMMAND="\${PROMPT_COMMAND:+$PROMPT_COMMAND
}__breakglass_prompt" ;;
esac
__breakglass_prompt
`,
  )
  return { argv: [shell, '--rcfile', file, '-i'], environment: {} }
}

/** Uses ZDOTDIR, where zsh reads its startup files: each of ours reads the person's own. */
async function promptZsh({ shell, options, prompt, folder, environment }: Given): Promise<PromptedShell> {
  const home = environment.ZDOTDIR ?? environment.HOME ?? ''
  const own = (name: string) =>
    `ZDOTDIR='${home.replaceAll("'", `'\\''`)}'\n[[ -r "$ZDOTDIR/${name}" ]] && . "$ZDOTDIR/${name}"\n`
  const back = `ZDOTDIR='${folder.replaceAll("'", `'\\''`)}'\n`
  for (const name of ['.zshenv', '.zprofile']) await writeFile(join(folder, name), own(name) + back)
  await writeFile(
    join(folder, '.zshrc'),
    `${own('.zshrc')}__breakglass_prompt() { [[ "$PROMPT" == '${prompt}'* ]] || PROMPT='${prompt}'"$PROMPT" }
autoload -Uz add-zsh-hook && add-zsh-hook precmd __breakglass_prompt
`,
  )
  return { argv: [shell, ...options], environment: { ZDOTDIR: folder } }
}

async function promptFish({ shell, options, prompt }: Given): Promise<PromptedShell> {
  const commands = [
    'functions -q fish_prompt; and functions --copy fish_prompt __breakglass_prompt',
    `function fish_prompt; echo -n '${prompt}'; functions -q __breakglass_prompt; and __breakglass_prompt; end`,
  ]
  return { argv: [shell, ...options, '--init-command', commands.join('; ')], environment: {} }
}

/** Uses ENV, the file that an interactive POSIX shell reads. */
async function promptPosix({ shell, options, prompt, folder, environment }: Given): Promise<PromptedShell> {
  const file = join(folder, 'shrc')
  const own = environment.ENV ? `[ -r "${environment.ENV}" ] && . "${environment.ENV}"\n` : ''
  await writeFile(file, `${own}PS1='${prompt}'"\${PS1-$ }"\n`)
  return { argv: [shell, ...options], environment: { ENV: file } }
}
