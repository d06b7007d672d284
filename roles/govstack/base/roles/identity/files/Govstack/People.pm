# The people whom the site declares, with their passwords as crypt hashes them.
package Govstack::People;

use strict;
use JSON qw(from_json);

# Read at each sign-in: there are few, and what was declared last holds.
sub find {
    my ($name) = @_;
    open my $file, '<:encoding(UTF-8)', $ENV{PEOPLE} or die "$ENV{PEOPLE}: $!";
    local $/;
    my $people = from_json(<$file>);
    close $file;
    return $people->{$name};
}

# Takes as long for a name that nobody has as for one that somebody has.
sub knows {
    my ( $name, $password ) = @_;
    my $person = find($name);
    my $kept = $person ? $person->{password_hash} : '$6$nobody$';
    my $told = crypt( $password, $kept );
    return defined $told && $person && $told eq $kept;
}

1;
