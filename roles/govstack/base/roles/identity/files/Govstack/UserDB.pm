# Tells who a person is.
package Govstack::UserDB;

use strict;
use Mouse;
use Govstack::People;
use Lemonldap::NG::Portal::Main::Constants qw(PE_OK PE_BADCREDENTIALS);

extends 'Lemonldap::NG::Common::Module';

our $VERSION = '1.0.0';

sub init {
    return 1;
}

# A name that nobody has is refused later, as a wrong password is.
sub getUser {
    my ( $self, $req ) = @_;
    return PE_OK;
}

sub findUser {
    return PE_OK;
}

sub setSessionInfo {
    my ( $self, $req ) = @_;
    my $person = Govstack::People::find( $req->{user} ) or return PE_BADCREDENTIALS;
    $req->{sessionInfo}->{uid}  = $person->{name};
    $req->{sessionInfo}->{cn}   = $person->{full_name};
    $req->{sessionInfo}->{mail} = $person->{mail} // '';
    return PE_OK;
}

sub setGroups {
    return PE_OK;
}

1;
