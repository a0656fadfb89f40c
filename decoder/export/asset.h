/* SPDX-License-Identifier: MIT */
/*
 * asset.h - the files of decoder/export/html as texts: asset.c is made of them by asset.sed when tpdecode is built.
 */
#ifndef ASSET_H
#define ASSET_H

extern const char asset_page[];   /* page.html */
extern const char asset_style[];  /* page.css */
extern const char asset_script[]; /* all of *.js, in the order of Makefile.am */

#endif
