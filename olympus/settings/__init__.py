"""Django's settings, by theme; what differs between installations comes from the environment."""

from olympus.settings.base import *
from olympus.settings.security import *
from olympus.settings.services import *
