"""Maps on paper (图幅): what may be asked for, how it is spread over sheets, how these are drawn, and where they are kept."""
