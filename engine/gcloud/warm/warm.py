"""Keeps gcloud loaded and forks a copy of itself for each command, which saves the command a second of imports.

gcloud's own launcher starts this instead of its lib/gcloud.py, so that Python, flags and variables are those of any command.
The engine is at the other end of the inherited socket on descriptor 3; both send frames: the length of the body, the number
of the command, the kind. Any failure before HELLO ends this process, and the engine starts a new gcloud per command.
"""
import sys

LAUNCHER = sys.argv[1]
# A program read from stdin imports from its working directory; gcloud imports from its own folder.
sys.path[0] = LAUNCHER.rpartition('/')[0]

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import threading
import time

HEAD = struct.Struct('>IIB')
PREPARE, RUN, STDIN = 1, 2, 3
HELLO, STARTED, STDOUT, STDERR, EXIT = 11, 12, 13, 14, 15
PIECE = 1 << 16
PR_SET_PDEATHSIG = 1

# What nearly every command imports besides its own modules.
COMMON = (
    'googlecloudsdk.core.credentials.google_auth_credentials',
    'googlecloudsdk.core.credentials.p12_service_account',
    'googlecloudsdk.core.credentials.transports',
    'google.auth._cloud_sdk',
    'google.oauth2.credentials',
    'google.oauth2.reauth',
    'proto',
)


class Engine:
  """The engine's end of the socket."""

  def __init__(self, descriptor):
    os.set_inheritable(descriptor, False)
    self.socket = socket.socket(fileno=descriptor)
    self.heard = bytearray()

  def fileno(self):
    return self.socket.fileno()

  def send(self, number, kind, body=b''):
    self.socket.sendall(HEAD.pack(len(body), number, kind))
    self.socket.sendall(body)

  def tell(self, number, kind, value):
    self.send(number, kind, json.dumps(value).encode())

  def frames(self):
    """Reads what has arrived and yields the complete frames; raises EOFError when the engine is gone."""
    piece = self.socket.recv(PIECE)
    if not piece:
      raise EOFError
    self.heard += piece
    while len(self.heard) >= HEAD.size:
      length, number, kind = HEAD.unpack_from(self.heard)
      end = HEAD.size + length
      if len(self.heard) < end:
        return
      body = self.heard[HEAD.size:end]
      wipe(self.heard, end)
      del self.heard[:end]
      yield number, kind, body

  def next(self):
    while True:
      for frame in self.frames():
        return frame


class Copy:
  """One command in a forked copy, as its parent sees it."""

  def __init__(self, number, pid, stdin, text, outputs):
    self.number, self.pid, self.stdin, self.text = number, pid, stdin, text
    self.outputs, self.code = outputs, None

  def over(self):
    return self.code is not None and not self.outputs


class Parent:
  """Forks a copy for each command, and passes on its input and output."""

  def __init__(self, engine, launched):
    self.engine, self.launched = engine, launched
    self.watch = selectors.DefaultSelector()
    self.copies = {}
    self.asked = {}
    self.buffer = bytearray(PIECE)
    self.ended, self.wakeup = os.pipe()

  def serve(self):
    """Returns only in a copy, with the command to become; the parent ends with the engine."""
    for descriptor in (self.ended, self.wakeup):
      os.set_blocking(descriptor, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)
    self.watch.register(self.ended, selectors.EVENT_READ, self.reap)
    self.watch.register(self.engine, selectors.EVENT_READ, self.hear)
    try:
      while True:
        for key, _ in self.watch.select():
          # An earlier event may have unregistered this one.
          if key.fileobj in self.watch.get_map():
            command = key.data(key.fileobj)
            if command:
              return command
    except (EOFError, OSError):
      for copy in self.copies.values():
        end_group(copy.pid)
      os._exit(0)

  def hear(self, _):
    for number, kind, body in self.engine.frames():
      if kind == RUN:
        command = json.loads(body)
        if command['stdin']:
          self.asked[number] = command
        elif self.fork(number, command, None):
          return command
      elif kind == STDIN:
        command = self.asked.pop(number)
        if self.fork(number, command, body):
          return command

  def fork(self, number, command, text):
    """Returns True in the copy."""
    stdin = os.pipe() if text is not None else (os.open(os.devnull, os.O_RDONLY), None)
    stdout, stderr = os.pipe(), os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
      die_with(parent)
      os.setsid()
      signal.set_wakeup_fd(-1)
      signal.signal(signal.SIGCHLD, signal.SIG_DFL)
      for index, descriptor in enumerate((stdin[0], stdout[1], stderr[1])):
        os.dup2(descriptor, index)
      own = [key.fd for key in self.watch.get_map().values()]
      for descriptor in {*own, self.watch.fileno(), self.wakeup, *stdin, *stdout, *stderr} - {None}:
        os.close(descriptor)
      if text is not None:
        wipe(text, len(text))
      return True
    for descriptor in (stdin[0], stdout[1], stderr[1]):
      os.close(descriptor)
    copy = Copy(number, pid, stdin[1], text, {stdout[0]: STDOUT, stderr[0]: STDERR})
    self.copies[number] = copy
    self.engine.tell(number, STARTED, {'pid': pid})
    for descriptor in copy.outputs:
      self.watch.register(descriptor, selectors.EVENT_READ, lambda fd: self.carry(copy, fd))
    if copy.stdin is not None:
      os.set_blocking(copy.stdin, False)
      self.watch.register(copy.stdin, selectors.EVENT_WRITE, lambda _: self.feed(copy))
    return False

  def feed(self, copy):
    try:
      written = os.write(copy.stdin, memoryview(copy.text)[:PIECE])
      wipe(copy.text, written)
      del copy.text[:written]
      if copy.text:
        return
    except BlockingIOError:
      return
    except BrokenPipeError:
      # It doesn't read its input; its exit code will show why.
      wipe(copy.text, len(copy.text))
    self.close(copy.stdin)
    copy.stdin = None

  def carry(self, copy, descriptor):
    read = os.readv(descriptor, [self.buffer])
    if read:
      self.engine.send(copy.number, copy.outputs[descriptor], memoryview(self.buffer)[:read])
      wipe(self.buffer, read)
      return
    del copy.outputs[descriptor]
    self.close(descriptor)
    self.conclude(copy)

  def reap(self, descriptor):
    os.read(descriptor, PIECE)
    for copy in list(self.copies.values()):
      if copy.code is None:
        pid, status = os.waitpid(copy.pid, os.WNOHANG)
        if pid:
          self.bury(copy, os.waitstatus_to_exitcode(status))

  def bury(self, copy, code):
    copy.code = code
    if copy.stdin is not None:
      self.close(copy.stdin)
      copy.stdin = None
    self.conclude(copy)

  def conclude(self, copy):
    if copy.over():
      del self.copies[copy.number]
      self.engine.tell(copy.number, EXIT, {'code': copy.code if copy.code >= 0 else None})

  def close(self, descriptor):
    self.watch.unregister(descriptor)
    os.close(descriptor)


def wipe(text, length):
  text[:length] = bytes(length)


def end_group(pid):
  try:
    os.killpg(pid, signal.SIGKILL)
  except OSError:
    pass


LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent):
  """Ends this process when its parent ends, however that ends."""
  if LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
    raise OSError(ctypes.get_errno(), 'prctl')
  if os.getppid() != parent:
    os._exit(1)


def load():
  """Imports gcloud as its launcher does."""
  launcher = runpy.run_path(LAUNCHER, run_name='gcloud')
  sys.path = launcher['reorder_sys_path'](sys.path)
  launcher['_fix_google_module']()
  return launcher['_import_gcloud_main']()


def preload(cli, commands):
  """Imports the modules of these commands; ignores arguments that name none."""
  for name in COMMON:
    try:
      importlib.import_module(name)
    except ImportError:
      pass
  for words in commands:
    element = cli._TopElement()
    for word in words:
      if not element.IsValidSubElement(word):
        break
      element = element.LoadSubElement(word)
      if not element or not hasattr(element, 'IsValidSubElement'):
        break


def alone():
  """Returns whether this process has only one thread: a fork would keep any other thread's locks locked forever."""
  return len(os.listdir('/proc/self/task')) == 1


def become(command, launched, gcloud, cli):
  """Runs the command in this copy and exits as gcloud itself would."""
  import __main__
  from googlecloudsdk.core.configurations import named_configs
  from googlecloudsdk.core.util import keyboard_interrupt
  os.environ.clear()
  os.environ.update({**command['environment'], **launched})
  sys.argv = [LAUNCHER, *command['argv']]
  __main__.__file__ = LAUNCHER
  keyboard_interrupt.InstallHandler()
  named_configs.ActivePropertiesFile.Invalidate()
  gcloud.START_TIME = time.time()
  try:
    leave(gcloud.main(cli))
  except SystemExit as ending:
    leave(ending.code)
  except BaseException:
    sys.excepthook(*sys.exc_info())
    leave(1)


def leave(code):
  """Exits as Python does, without tearing down every module, which takes longer than most commands."""
  if not (code is None or isinstance(code, int)):
    print(code, file=sys.stderr)
    code = 1
  threading._shutdown()
  atexit._run_exitfuncs()
  try:
    sys.stdout.flush()
    sys.stderr.flush()
  except (OSError, ValueError):
    code = 120
  os._exit((code or 0) & 0xff)


def main():
  die_with(os.getppid())
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  engine = Engine(3)
  _, _, body = engine.next()
  wanted = json.loads(body)
  flags = os.environ.pop('CLOUDSDK_PYTHON_ARGS', '').split()
  if '-S' in flags:
    os.environ['CLOUDSDK_PYTHON_ARGS'] = '-S'
  launched = {name: value for name, value in os.environ.items() if wanted['environment'].get(name) != value}
  gcloud = load()
  cli = gcloud.CreateCLI([])
  preload(cli, wanted['commands'])
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  if not alone():
    sys.exit(1)
  gc.collect()
  gc.freeze()
  from googlecloudsdk.core import config
  engine.tell(0, HELLO, {'version': config.CLOUD_SDK_VERSION})
  command = Parent(engine, launched).serve()
  become(command, launched, gcloud, cli)


main()
