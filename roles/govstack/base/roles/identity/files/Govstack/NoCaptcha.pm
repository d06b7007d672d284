# Stands where LemonLDAP::NG wants a module for captchas, which nobody is asked for: the one that it
# comes with needs a library that draws pictures.
package Govstack::NoCaptcha;

use strict;
use Mouse;

extends 'Lemonldap::NG::Common::Module';

our $VERSION = '1.0.0';

sub init {
    return 1;
}

1;
