/** What Python brings itself, and distributions whose modules are called differently. Tables only. */

export const pythonOwn: ReadonlySet<string> = new Set(
  (
    "__future__ __main__ _thread _typeshed abc aifc annotationlib antigravity argparse array ast asynchat asyncio " +
    "asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code " +
    "codecs codeop collections colorsys compileall compression concurrent configparser contextlib contextvars copy " +
    "copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings " +
    "ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt " +
    "getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io " +
    "ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap " +
    "modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse " +
    "os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile " +
    "pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource " +
    "rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket " +
    "socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct " +
    "subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading " +
    "time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing " +
    "unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc " +
    "zipapp zipfile zipimport zlib zoneinfo"
  ).split(" "),
);

/** A module, then the distributions that bring it; any of them will do. */
const table = `
attr attrs
bs4 beautifulsoup4
bson pymongo
cairo pycairo
cv2 opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless
Crypto pycryptodome pycrypto
Cryptodome pycryptodomex
dateutil python-dateutil
discord discord.py
docx python-docx
dotenv python-dotenv
fitz pymupdf
git gitpython
github pygithub
gi pygobject
google google-api-core google-auth protobuf google-cloud-storage google-genai google-generativeai googleapis-common-protos
googleapiclient google-api-python-client
grpc grpcio
jose python-jose
jwt pyjwt
kafka kafka-python
ldap python-ldap
levenshtein python-levenshtein
Levenshtein levenshtein python-levenshtein
magic python-magic
MySQLdb mysqlclient
mysql mysql-connector-python
mpl_toolkits matplotlib
multipart python-multipart
nacl pynacl
OpenSSL pyopenssl
PIL pillow pillow-simd
pkg_resources setuptools
_distutils_hack setuptools
playhouse peewee
pptx python-pptx
psycopg2 psycopg2 psycopg2-binary
pylab matplotlib
pythoncom pywin32
pywintypes pywin32
win32api pywin32
win32con pywin32
win32com pywin32
_pytest pytest
py pytest py
rest_framework djangorestframework
serial pyserial
skimage scikit-image
sklearn scikit-learn
slugify python-slugify
snappy python-snappy
socks pysocks
telegram python-telegram-bot
tlz toolz
usb pyusb
wx wxpython
xdg pyxdg
yaml pyyaml ruamel.yaml
ruamel ruamel.yaml
zmq pyzmq
zope zope.interface
faiss faiss-cpu faiss-gpu
umap umap-learn
tensorflow tensorflow tensorflow-cpu
Xlib python-xlib
apt_pkg python-apt
engineio python-engineio
socketio python-socketio
decouple python-decouple
environ django-environ
corsheaders django-cors-headers
debug_toolbar django-debug-toolbar
django_filters django-filter
allauth django-allauth
crispy_forms django-crispy-forms
sass libsass
speech_recognition speechrecognition
Bio biopython
osgeo gdal
dns dnspython
graphql graphql-core
igraph python-igraph
memcache python-memcached
nmap python-nmap
consul python-consul
pynvml nvidia-ml-py pynvml
gitlab python-gitlab
jenkins python-jenkins
barcode python-barcode
cpuinfo py-cpuinfo
absl absl-py
opentelemetry opentelemetry-api opentelemetry-sdk
azure azure-core azure-identity azure-storage-blob
websocket websocket-client
hydra hydra-core
pl_bolts lightning-bolts
lightning lightning pytorch-lightning
stdnum python-stdnum
`;

export const distributionsOf: ReadonlyMap<string, readonly string[]> = new Map(
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [module = "", ...distributions] = line.split(" ");
      return [module, distributions];
    }),
);
