# Knows people by their passwords.
package Govstack::Auth;

use strict;
use Mouse;
use Encode qw(encode_utf8 is_utf8);
use Govstack::People;
use Lemonldap::NG::Portal::Main::Constants qw(PE_OK PE_BADCREDENTIALS);

extends qw(Lemonldap::NG::Portal::Auth::_WebForm);

our $VERSION = '1.0.0';

sub authenticate {
    my ( $self, $req ) = @_;
    my $password = $req->data->{password};
    $password = encode_utf8($password) if is_utf8($password);
    return PE_OK if Govstack::People::knows( $req->{user}, $password );
    $self->userLogger->warn("Bad password for $req->{user}");
    $self->setSecurity($req);
    return PE_BADCREDENTIALS;
}

sub authLogout {
    return PE_OK;
}

1;
