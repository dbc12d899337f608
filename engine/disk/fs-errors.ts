const WORDS: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk failed',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'something of that name is there already',
  ENOENT: 'there is no such file or folder',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'its name is too long',
  EADDRINUSE: 'somebody else has it',
  EMFILE: 'too many files are open',
}

/** What was named can't be what was meant; with all other codes the disk is at fault. */
const NAMED_WRONG = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'ENAMETOOLONG'])

/** Why a file could not be read or written, in words and with the system's own code. */
export function describeTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const words = WORDS[code ?? '']
  return words === undefined ? message : `${words} (${code})`
}

/** The exit code for it: 2 where another name helps, 1 where the disk is at fault. */
export const exitCodeOfTrouble = (error: unknown): 1 | 2 =>
  NAMED_WRONG.has((error as NodeJS.ErrnoException).code ?? '') ? 2 : 1
